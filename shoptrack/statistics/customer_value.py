"""What customers will buy: BG/NBD for how often, Gamma-Gamma for how much.

BG/NBD: Fader, Hardie and Lee (2005), "Counting Your Customers the Easy Way", Marketing Science
24:2. A customer buys at a rate λ ~ Gamma(r, α) while alive, and after each repeat purchase drops
out with chance p ~ Beta(a, b). Gamma-Gamma: Fader and Hardie (2013), "The Gamma-Gamma Model of
Monetary Value". Of a customer four numbers are needed: frequency x (repeat purchases), recency t_x
(time from the first purchase to the last one), age T (time since the first one), and the mean
value of a repeat purchase. Times are in any unit; α and every horizon are in the same one.

Equal (x, t_x, T) are counted once, with a weight, so that the cost of a fit follows the number of
distinct histories and not the number of customers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Array = NDArray[np.float64]
Index = NDArray[np.int64]

MINIMUM_REPEAT_CUSTOMERS = 20
# A likelihood may rise for ever towards a simpler model, such as one in which nobody drops out.
# The logarithms of parameters (time in units of the mean age) stop here, and the fit is that model.
_LARGEST_LOG = 10.0
_BG_NBD_STARTS = ((0.0, 0.0, 0.0, 0.0), (-1.0, -1.0, -1.0, 1.0), (1.0, 1.0, 0.0, 2.0))
_GAMMA_GAMMA_STARTS = ((1.0, 1.0, 1.0), (0.0, 1.0, 0.0), (2.0, 2.0, 1.0))
_NEARLY = 1e-6

Objective = Callable[[Array], tuple[float, Array]]


class FitError(ValueError):
    """No model could be fitted; the message says why, in a few words."""


@dataclass(frozen=True)
class Histories:
    """Purchase histories of customers, each distinct one once.

    frequency: x, repeat purchases. recency: t_x. age: T. weight: customers with this history.
    All of shape (histories,); recency and age in one unit of time.
    """

    frequency: Array
    recency: Array
    age: Array
    weight: Array

    @classmethod
    def grouped(cls, frequency: Array, recency: Array, age: Array) -> tuple[Histories, Index]:
        """Histories of customers (arrays of shape (customers,)), and each one's index in them."""
        order = np.lexsort((age, recency, frequency))
        rows = np.column_stack((frequency, recency, age))[order]
        is_new = np.ones(len(rows), dtype=bool)
        is_new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
        index = np.empty(len(rows), dtype=np.int64)
        index[order] = np.cumsum(is_new) - 1
        weight = np.bincount(index, minlength=int(is_new.sum())).astype(np.float64)
        x, recency, age = np.ascontiguousarray(rows[is_new].T)
        return cls(x, recency, age, weight), index


@dataclass(frozen=True)
class BgNbd:
    """A fitted BG/NBD model. alpha is in the unit of time of the histories."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = np.nan

    def p_alive(self, histories: Histories) -> Array:
        """P(alive at T), of shape (histories,); 1 for x = 0, since drop-out follows a repeat.

        Fader, Hardie and Lee (2008), "Computing P(alive) Using the BG/NBD Model".
        """
        return 1.0 / (1.0 + self._odds_dead(histories))

    def expected_purchases(self, histories: Histories, horizon: float) -> Array:
        """E[purchases in (T, T + horizon]], of shape (histories,); equation 10 of the paper."""
        return self.p_alive(histories) * self.expected_purchases_if_alive(histories, horizon)

    def expected_purchases_if_alive(self, histories: Histories, horizon: float) -> Array:
        """E[purchases in (T, T + horizon] given alive at T], of shape (histories,).

        Of the two forms of 2F1 that Euler's transformation joins, the one is taken whose series
        converges: the paper's loses all digits for frequent customers, the other for a large a.
        """
        a = self.a if abs(self.a - 1.0) > _NEARLY else 1.0 + _NEARLY
        x = histories.frequency
        c = a + self.b + x - 1.0
        c = np.where(np.abs(c) > _NEARLY, c, _NEARLY)
        shrink = (self.alpha + histories.age) / (self.alpha + histories.age + horizon)
        is_papers = a - 1.0 > self.r + x
        first = np.where(is_papers, self.r + x, a + self.b - 1.0 - self.r)
        second = np.where(is_papers, self.b + x, a - 1.0)
        power = shrink ** np.where(is_papers, self.r + x, a - 1.0)
        series = special.hyp2f1(first, second, c, 1.0 - shrink)
        return np.asarray(c / (a - 1.0) * (1.0 - power * series))

    def p_no_purchase(self, histories: Histories, horizon: float) -> Array:
        """P(no purchase in (T, T + horizon]), of shape (histories,).

        Given alive, λ is Gamma(r + x, α + T): so the wait is Pareto. The dead buy nothing.
        """
        shrink = (self.alpha + histories.age) / (self.alpha + histories.age + horizon)
        silent_if_alive = shrink ** (self.r + histories.frequency)
        return np.asarray(1.0 - self.p_alive(histories) * (1.0 - silent_if_alive))

    def expected_purchases_of_a_new_customer(self, horizon: float) -> float:
        """E[X(t)]: repeat purchases of a new customer up to `horizon`; equation 9 of the paper."""
        zero = np.zeros(1)
        new = Histories(zero, zero, zero, np.ones(1))
        return float(self.expected_purchases_if_alive(new, horizon)[0])

    def log_likelihood_of(self, histories: Histories) -> float:
        """Log-likelihood of histories under these parameters; equation 6 of the paper."""
        logs = np.log([self.r, self.alpha, self.a, self.b])
        return -_bg_nbd_objective(histories)(logs)[0] * float(histories.weight.sum())

    def _odds_dead(self, histories: Histories) -> Array:
        x = histories.frequency
        logs = np.log(self.a) - np.log(self.b + np.maximum(x, 1.0) - 1.0)
        logs = logs + (self.r + x) * np.log(
            (self.alpha + histories.age) / (self.alpha + histories.recency)
        )
        return np.where(x > 0, np.exp(np.minimum(logs, 700.0)), 0.0)


@dataclass(frozen=True)
class GammaGamma:
    """A fitted Gamma-Gamma model; gamma is in the unit of money."""

    p: float
    q: float
    gamma: float
    log_likelihood: float = np.nan

    def expected_value(self, frequency: Array, monetary_value: Array) -> Array:
        """E[mean value of a purchase], of shape (customers,); equation 5 of the 2013 note.

        The mean of all customers' for those without a repeat purchase, or without a known value of
        one. NaN where q is at most 1: the model then has no mean.
        """
        if self.q <= 1.0:
            return np.full(len(frequency), np.nan)
        known = np.where(np.isnan(monetary_value), 0.0, frequency)
        total = known * np.nan_to_num(monetary_value)
        return np.asarray(self.p * (self.gamma + total) / (self.p * known + self.q - 1.0))


def fit_bg_nbd(histories: Histories) -> BgNbd:
    """Fit a BG/NBD model by maximum likelihood.

    Raises FitError with fewer than MINIMUM_REPEAT_CUSTOMERS repeat customers, and where the
    likelihood has no maximum that was found.
    """
    if histories.weight[histories.frequency > 0].sum() < MINIMUM_REPEAT_CUSTOMERS:
        raise FitError("too few repeat customers")
    customers = float(histories.weight.sum())
    unit = float((histories.age * histories.weight).sum()) / customers
    if not unit > 0:
        raise FitError("no time has passed")
    scaled = Histories(
        histories.frequency, histories.recency / unit, histories.age / unit, histories.weight
    )
    logs, _ = _minimized(_bg_nbd_objective(scaled), _BG_NBD_STARTS)
    r, alpha, a, b = (float(value) for value in np.exp(logs))
    fitted = BgNbd(r, alpha * unit, a, b)
    return replace(fitted, log_likelihood=fitted.log_likelihood_of(histories))


def fit_gamma_gamma(frequency: Array, monetary_value: Array) -> GammaGamma:
    """Fit a Gamma-Gamma model by maximum likelihood to arrays of shape (customers,).

    Customers without a repeat purchase, or whose mean value is unknown or not positive, say nothing
    and are left out. Raises FitError as fit_bg_nbd does.
    """
    is_used = (frequency > 0) & (monetary_value > 0)
    if is_used.sum() < MINIMUM_REPEAT_CUSTOMERS:
        raise FitError("too few repeat customers with a value")
    x, m = frequency[is_used], monetary_value[is_used]
    unit = float(m.mean())
    objective = _gamma_gamma_objective(x, m / unit)
    logs, least = _minimized(objective, _GAMMA_GAMMA_STARTS)
    p, q, gamma = (float(value) for value in np.exp(logs))
    log_likelihood = -least * len(x) - len(x) * float(np.log(unit))
    return GammaGamma(p, q, gamma * unit, log_likelihood)


def discounted_purchases_if_alive(
    model: BgNbd, histories: Histories, periods: int, period: float, discount_rate: float
) -> Array:
    """Expected purchases in `periods` periods of length `period`, given alive, discounted.

    Those of a period count at its end, by `discount_rate` per period: the finite form of Fader and
    Hardie's discounted CLV. Shape (histories,).
    """
    before = np.zeros(len(histories.weight))
    total = np.zeros(len(histories.weight))
    for number in range(1, periods + 1):
        until = model.expected_purchases_if_alive(histories, number * period)
        total += (until - before) / (1.0 + discount_rate) ** number
        before = until
    return total


def _bg_nbd_objective(histories: Histories) -> Objective:
    """Mean negative log-likelihood and its gradient in the logs of r, α, a and b."""
    x, index = np.unique(histories.frequency, return_inverse=True)
    repeats = np.maximum(x, 1.0) - 1.0
    share = histories.weight / histories.weight.sum()
    of_x = np.bincount(index, share, len(x))
    is_repeat = histories.frequency > 0

    def objective(logs: Array) -> tuple[float, Array]:
        r, alpha, a, b = np.exp(logs)
        since_first, since_last = alpha + histories.age, alpha + histories.recency
        log_first, log_last = np.log(since_first), np.log(since_last)
        exponent = (r + x)[index]
        # The odds that the customer dropped out at the last purchase.
        odds = (np.log(a) - np.log(b + repeats))[index] + exponent * (log_first - log_last)
        odds = np.where(is_repeat, odds, -np.inf)
        dead = share * special.expit(odds)
        alive = share - dead
        dead_of_x = np.bincount(index, dead, len(x))
        rate, rate_slope = _gamma_ratio(r, x)
        stay, stay_slope = _gamma_ratio(b, x)
        drop, drop_slope = _gamma_ratio(a + b, x)
        value = np.sum(of_x * (rate + r * logs[1] + stay - drop))
        value += np.sum(share * (np.logaddexp(0.0, odds) - exponent * log_first))
        slopes = (
            np.sum(of_x * (rate_slope + logs[1])) - np.sum(alive * log_first + dead * log_last),
            r / alpha - np.sum(exponent * (alive / since_first + dead / since_last)),
            np.sum(dead_of_x / a - of_x * drop_slope),
            np.sum(of_x * (stay_slope - drop_slope) - dead_of_x / (b + repeats)),
        )
        return -float(value), -np.array(slopes) * np.exp(logs)

    return objective


def _gamma_ratio(shape: float, x: Array) -> tuple[Array, Array]:
    """Log of Γ(shape + x) / Γ(shape), and its slope in `shape`."""
    return (
        special.gammaln(shape + x) - special.gammaln(shape),
        special.digamma(shape + x) - special.digamma(shape),
    )


def _gamma_gamma_objective(x: Array, m: Array) -> Objective:
    """Mean negative log-likelihood and its gradient in the logs of p, q and γ; equation 1a."""
    counts, index = np.unique(x, return_inverse=True)
    share = np.bincount(index) / len(x)
    log_total = float(np.mean(x * np.log(x * m)))
    log_value = float(np.mean(np.log(m)))

    def objective(logs: Array) -> tuple[float, Array]:
        p, q, gamma = np.exp(logs)
        shape = p * counts
        log_sum = np.log(gamma + x * m)
        by_x = special.gammaln(shape + q) - special.gammaln(shape) - special.gammaln(q)
        value = np.sum(share * by_x) + q * np.log(gamma) + p * log_total - log_value
        value -= np.mean((p * x + q) * log_sum)
        digammas = special.digamma(shape + q)
        slopes = (
            np.sum(share * counts * (digammas - special.digamma(shape)))
            + log_total
            - np.mean(x * log_sum),
            np.sum(share * (digammas - special.digamma(q))) + np.log(gamma) - np.mean(log_sum),
            q / gamma - np.mean((p * x + q) / (gamma + x * m)),
        )
        return -float(value), -np.array(slopes) * np.exp(logs)

    return objective


def _minimized(objective: Objective, starts: Sequence[Sequence[float]]) -> tuple[Array, float]:
    """Where the objective is least, from the first start that leads to a minimum, and its value."""
    for start in starts:
        found = optimize.minimize(
            objective,
            np.array(start),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-_LARGEST_LOG, _LARGEST_LOG)] * len(start),
            options={"ftol": 1e-14, "gtol": 1e-7, "maxiter": 1000, "maxcor": 20},
        )
        if np.isfinite(found.fun) and _is_minimum(np.asarray(found.x), np.asarray(found.jac)):
            return np.asarray(found.x), float(found.fun)
    raise FitError("the likelihood has no maximum that was found")


def _is_minimum(logs: Array, slopes: Array) -> bool:
    """Whether the gradient is 0, or points out of the bounds."""
    is_outward = (np.abs(logs) >= _LARGEST_LOG) & (np.sign(slopes) == -np.sign(logs))
    return bool(np.all(is_outward | (np.abs(slopes) < 1e-4)))
