"""Statistics of controlled experiments: pure functions of sums, so that no unit need be kept.

Rates and means are per unit. All tests are two-sided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

SRM_ALARM = 0.001


@dataclass(frozen=True)
class Comparison:
    """A difference (second − first) with its standard error, test statistic and p-value."""

    difference: float
    standard_error: float
    statistic: float
    p_value: float
    ci_low: float
    ci_high: float


def compare_proportions(
    successes_a: int, units_a: int, successes_b: int, units_b: int, confidence: float = 0.95
) -> Comparison:
    """Two-proportion z test, pooled; the interval of b − a is Wald's, unpooled.

    The statistic is that of a − b, as textbooks print it. NaN where a group has no units or
    nobody and everybody alike converted. Fleiss, Levin and Paik (2003), ch. 3.
    """
    if not units_a or not units_b:
        return _undefined()
    rate_a, rate_b = successes_a / units_a, successes_b / units_b
    pooled = (successes_a + successes_b) / (units_a + units_b)
    pooled_error = math.sqrt(pooled * (1 - pooled) * (1 / units_a + 1 / units_b))
    if pooled_error == 0:
        return _undefined()
    z = (rate_a - rate_b) / pooled_error
    error = math.sqrt(rate_a * (1 - rate_a) / units_a + rate_b * (1 - rate_b) / units_b)
    half = float(stats.norm.ppf(0.5 + confidence / 2)) * error
    difference = rate_b - rate_a
    p_value = 2 * float(stats.norm.sf(abs(z)))
    return Comparison(difference, error, z, p_value, difference - half, difference + half)


def compare_means(
    moments_a: tuple[int, float, float],
    moments_b: tuple[int, float, float],
    confidence: float = 0.95,
) -> Comparison:
    """Welch's t test (1947) of b − a from (units, sum, sum of squares) of each group.

    NaN where a group has fewer than 2 units or neither group varies.
    """
    if moments_a[0] < 2 or moments_b[0] < 2:
        return _undefined()
    (mean_a, part_a), (mean_b, part_b) = _mean_and_error(moments_a), _mean_and_error(moments_b)
    error = math.sqrt(part_a + part_b)
    if error == 0:
        return _undefined()
    freedom = (part_a + part_b) ** 2 / (
        part_a**2 / (moments_a[0] - 1) + part_b**2 / (moments_b[0] - 1)
    )
    difference = mean_b - mean_a
    half = float(stats.t.ppf(0.5 + confidence / 2, freedom)) * error
    t = difference / error
    p_value = 2 * float(stats.t.sf(abs(t), freedom))
    return Comparison(difference, error, t, p_value, difference - half, difference + half)


@dataclass(frozen=True)
class Sums:
    """What CUPED needs of a group: sums over its units of the metric y and the covariate x."""

    units: int
    y: float
    yy: float
    x: float
    xx: float
    xy: float


@dataclass(frozen=True)
class Adjusted:
    """A comparison after CUPED.

    mean_a, mean_b: the groups' adjusted means, with their standard errors. variance_reduction: the
    share of the difference's variance that the adjustment took away.
    """

    comparison: Comparison
    mean_a: float
    error_a: float
    mean_b: float
    error_b: float
    variance_reduction: float


def cuped(a: Sums, b: Sums, confidence: float = 0.95) -> Adjusted:
    """Welch's t test of b − a on y − θ(x − x̄), from sums; x must be from before the exposure.

    θ = cov(x, y) / var(x), pooled within the groups; 0 where x does not vary. A covariate of
    correlation ρ takes the share ρ² off the variance. NaN as in `compare_means`. Deng, Xu, Kohavi
    and Walker (2013), "Improving the Sensitivity of Online Controlled Experiments by Utilizing
    Pre-Experiment Data", section 3.
    """
    plain = compare_means((a.units, a.y, a.yy), (b.units, b.y, b.yy), confidence)
    if math.isnan(plain.difference):
        return Adjusted(plain, *(math.nan,) * 5)
    spread = _cross(a.units, a.x, a.x, a.xx) + _cross(b.units, b.x, b.x, b.xx)
    shared = _cross(a.units, a.x, a.y, a.xy) + _cross(b.units, b.x, b.y, b.xy)
    theta = shared / spread if spread > 0 else 0.0
    center = (a.x + b.x) / (a.units + b.units)
    moments_a, moments_b = _adjusted_moments(a, theta, center), _adjusted_moments(b, theta, center)
    found = compare_means(moments_a, moments_b, confidence)
    (mean_a, part_a), (mean_b, part_b) = _mean_and_error(moments_a), _mean_and_error(moments_b)
    reduction = 1 - (part_a + part_b) / plain.standard_error**2
    return Adjusted(found, mean_a, math.sqrt(part_a), mean_b, math.sqrt(part_b), reduction)


def _cross(units: int, x: float, y: float, xy: float) -> float:
    """Sum of products of the deviations of x and y from their means."""
    return xy - x * y / units


def _adjusted_moments(sums: Sums, theta: float, center: float) -> tuple[int, float, float]:
    """(units, sum, sum of squares) of y − θ(x − center)."""
    total = sums.y - theta * (sums.x - center * sums.units)
    deviations = (
        _cross(sums.units, sums.y, sums.y, sums.yy)
        - 2 * theta * _cross(sums.units, sums.x, sums.y, sums.xy)
        + theta**2 * _cross(sums.units, sums.x, sums.x, sums.xx)
    )
    return sums.units, total, max(deviations, 0.0) + total**2 / sums.units


def relative_lift(
    mean_a: float, error_a: float, mean_b: float, error_b: float, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Lift mean_b / mean_a − 1 with its interval, by the delta method; NaN where mean_a is 0.

    `error_a` and `error_b` are standard errors of the means.
    """
    if mean_a == 0:
        return (math.nan, math.nan, math.nan)
    ratio = mean_b / mean_a
    error = math.sqrt(error_b**2 + ratio**2 * error_a**2) / abs(mean_a)
    half = float(stats.norm.ppf(0.5 + confidence / 2)) * error
    return (ratio - 1, ratio - 1 - half, ratio - 1 + half)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's (1979) adjusted p-values, in the order given."""
    order = np.argsort(np.asarray(p_values, dtype=float), kind="stable")
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * float(p_values[index])))
        adjusted[index] = highest
    return adjusted


def sample_ratio_p_value(units: Sequence[int], planned_shares: Sequence[float]) -> float:
    """χ² p-value of the units per variant against their planned shares; alarm below SRM_ALARM.

    NaN where there are no units. Fabijan et al. (2019). Shares need not add up to 1.
    """
    total, share = sum(units), sum(planned_shares)
    if not total or len(units) < 2:
        return math.nan
    expected = [total * each / share for each in planned_shares]
    return float(stats.chisquare(list(units), expected).pvalue)


def always_valid_p_value(difference: float, variance: float, mixing_variance: float) -> float:
    """mSPRT p-value of a difference with a normal mixture (Johari et al. 2017, eq. 5).

    `variance` is that of the difference at this look. The running minimum over all looks stays
    valid however often one peeks.
    """
    total = variance + mixing_variance
    log_ratio = 0.5 * math.log(variance / total)
    log_ratio += mixing_variance * difference**2 / (2 * variance * total)
    return min(1.0, math.exp(-log_ratio))


def minimal_detectable_difference(
    standard_error: float, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Smallest true difference that a two-sided test finds with this power."""
    return float(stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)) * standard_error


def _mean_and_error(moments: tuple[int, float, float]) -> tuple[float, float]:
    units, total, squares = moments
    variance = max(squares - total**2 / units, 0.0) / (units - 1)
    return total / units, variance / units


def _undefined() -> Comparison:
    return Comparison(*(math.nan,) * 6)
