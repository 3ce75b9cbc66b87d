"""Demand forecasts of many products at once, for series that are often zero.

A history is a matrix of products × days of units, NaN before a product's first day; all end on the
same day. Loops run over days, for all products together, and never over products.
Methods are scored and chosen per product on rolling origins. All smoothing parameters are 0.1, of
the usual 0.05 to 0.2 (Syntetos and Boylan 2005); none is tuned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

Floats = npt.NDArray[np.float64]
Weekdays = npt.NDArray[np.int64]

ALPHA = 0.1
WEEK, YEAR = 7, 364
HORIZON = 28
ORIGINS = 4
AVERAGED_DAYS = 28
FEWEST_TRAINING_DAYS = 28
SMALLEST_GAIN = 0.05
SEASONAL_NAIVE = "seasonal_naive_7"
DEFAULT = "weekday_ses"


def ses(history: Floats, alpha: float = ALPHA) -> Floats:
    """Level of simple exponential smoothing after the last day, per product.

    The level begins as the mean, so that young products are not ruled by their first day: level ←
    level + max(α, 1/n) · (units − level) on day n. Gardner (1985).
    """
    level, days = np.zeros(len(history)), np.zeros(len(history))
    for units in history.T:
        is_on_sale = ~np.isnan(units)
        days += is_on_sale
        weight = np.maximum(alpha, 1 / np.maximum(days, 1))
        level = np.where(is_on_sale, level + weight * (units - level), level)
    return level


def moving_average(history: Floats, days: int = AVERAGED_DAYS) -> Floats:
    """Mean of the last days, per product."""
    recent = history[:, -days:]
    counted = ~np.isnan(recent)
    total: Floats = np.nansum(recent, axis=1) / np.maximum(counted.sum(axis=1), 1)
    return total


def croston(history: Floats, alpha: float = ALPHA) -> Floats:
    """Demand per day by Croston (1972): smoothed size / smoothed interval of the demands.

    Both begin with the first demand: its size, and its day counted from the first day of the
    series. 0 for a product that never sold.
    """
    size, interval = _sizes_and_intervals(history, alpha)
    return size / interval


def sba(history: Floats, alpha: float = ALPHA) -> Floats:
    """Croston's forecast without its bias: times 1 − α / 2. Syntetos and Boylan (2005)."""
    return (1 - alpha / 2) * croston(history, alpha)


def _sizes_and_intervals(history: Floats, alpha: float) -> tuple[Floats, Floats]:
    size, interval = np.zeros(len(history)), np.ones(len(history))
    waited = np.zeros(len(history))
    for units in history.T:
        waited += ~np.isnan(units)
        sold = units > 0
        is_first = sold & (size == 0)
        smoothed_size = size + alpha * (units - size)
        smoothed_interval = interval + alpha * (waited - interval)
        size = np.where(is_first, units, np.where(sold, smoothed_size, size))
        interval = np.where(is_first, waited, np.where(sold, smoothed_interval, interval))
        waited[sold] = 0
    return size, interval


def tsb(history: Floats, alpha: float = ALPHA, beta: float = ALPHA) -> Floats:
    """Demand per day by Teunter, Syntetos and Babai (2011): chance of a demand × its size.

    The chance falls on every day without demand, so that a product that is no longer wanted fades
    out. α smooths the size, β the chance.
    """
    size = np.zeros(len(history))
    for units in history.T:
        sold = units > 0
        smoothed = np.where(size == 0, units, size + alpha * (units - size))
        size = np.where(sold, smoothed, size)
    chance = ses(np.where(np.isnan(history), np.nan, history > 0), beta)
    return chance * size


def seasonal_naive(history: Floats, season: int, horizon: int = HORIZON) -> Floats:
    """The last season again, products × horizon; NaN where a product has not seen a whole one."""
    if history.shape[1] < season:
        return np.full((len(history), horizon), np.nan)
    repeats = -(-horizon // season)
    return np.tile(history[:, -season:], (1, repeats))[:, :horizon]


def weekday_profile(history: Floats, weekdays: Weekdays) -> Floats:
    """Demand of each weekday (7) against an average day, of all products over the last year.

    Every product counts alike, so that one bulk order makes no weekday. A shop that is closed on
    Saturdays has a 0 there.
    """
    recent, days = history[:, -YEAR:], weekdays[-YEAR:]
    mean = moving_average(history, YEAR)
    pace = np.nansum(recent / np.where(mean > 0, mean, np.inf)[:, None], axis=0)
    on_sale = np.maximum((~np.isnan(recent)).sum(axis=0), 1)
    by_day = np.bincount(days, pace / on_sale, 7) / np.maximum(np.bincount(days, minlength=7), 1)
    total = by_day.mean()
    profile: Floats = by_day / total if total > 0 else np.ones(7)
    return profile


def weekday_ses(history: Floats, weekdays: Weekdays, horizon: int = HORIZON) -> Floats:
    """Exponentially smoothed demand ÷ the equally smoothed weekday profile, times the profile of
    each day to come; products × horizon. The quotient of two sums needs no division by the profile
    of a day on which the shop is closed.
    """
    profile = weekday_profile(history, weekdays)
    pace = np.where(np.isnan(history), np.nan, profile[weekdays])
    smoothed_pace = ses(pace)
    level = np.where(smoothed_pace > 0, ses(history) / np.maximum(smoothed_pace, 1e-9), 0.0)
    ahead = (weekdays[-1] + 1 + np.arange(horizon)) % 7
    predicted: Floats = level[:, None] * profile[ahead]
    return predicted


def _predictions(history: Floats, weekdays: Weekdays, horizon: int) -> dict[str, Floats]:
    """Every method's forecast, products × horizon, by name."""
    flat: dict[str, Callable[[Floats], Floats]] = {
        "ses": ses,
        "croston": croston,
        "sba": sba,
        "tsb": tsb,
        "moving_average": moving_average,
    }
    return {
        DEFAULT: weekday_ses(history, weekdays, horizon),
        **{
            name: np.repeat(method(history)[:, None], horizon, axis=1)
            for name, method in flat.items()
        },
        SEASONAL_NAIVE: seasonal_naive(history, WEEK, horizon),
        "seasonal_naive_364": seasonal_naive(history, YEAR, horizon),
    }


_FORECAST_SCHEMA = pa.schema(
    {
        "variant_id": pa.string(),
        "forecast_date": pa.date32(),
        "forecast": pa.float64(),
        "p10": pa.float64(),
        "p90": pa.float64(),
        "method": pa.string(),
        "rmsse": pa.float64(),
        "seasonal_naive_rmsse": pa.float64(),
    }
)
METHODS = tuple(_predictions(np.zeros((0, YEAR)), np.zeros(YEAR, dtype=np.int64), 1))


def rmsse(history: Floats, actual: Floats, predicted: Floats) -> Floats:
    """Root mean squared scaled error per product: the error of a forecast of the days after a
    history against that of the one-step naive forecast within it. Makridakis, Spiliotis and
    Assimakopoulos (2022), M5. NaN where the history never changes.
    """
    steps = np.diff(history, axis=1) ** 2
    counted = (~np.isnan(steps)).sum(axis=1)
    scale = np.nansum(steps, axis=1) / np.maximum(counted, 1)
    error = ((actual - predicted) ** 2).mean(axis=1)
    scaled: Floats = np.sqrt(error / np.where(scale > 0, scale, np.nan))
    return scaled


@dataclass(frozen=True)
class BackTest:
    """What the methods (m) would have done at each origin (o), for each product (p).

    `scores` (m, o, p): RMSSE, NaN where a product was too young or a method had no whole season.
    `squares` (m, o, p): sum of squared errors. `volume` (m, o, p): sum of the mean of forecast and
    actual units.
    """

    scores: Floats
    squares: Floats
    volume: Floats


def back_test(history: Floats, weekdays: Weekdays, horizon: int = HORIZON) -> BackTest:
    """Forecast from up to ORIGINS earlier days, `horizon` apart, with what was known on them."""
    days = history.shape[1]
    origins = [days - horizon * step for step in range(1, ORIGINS + 1)]
    origins = [origin for origin in origins if origin > FEWEST_TRAINING_DAYS]
    shape = (len(METHODS), len(origins), len(history))
    found = BackTest(np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan))
    for place, origin in enumerate(origins):
        known, actual = history[:, :origin], history[:, origin : origin + horizon]
        is_old = (~np.isnan(known)).sum(axis=1) >= FEWEST_TRAINING_DAYS
        predictions = _predictions(known, weekdays[:origin], horizon)
        for method, name in enumerate(METHODS):
            predicted = predictions[name]
            score = np.where(is_old, rmsse(known, actual, predicted), np.nan)
            found.scores[method, place] = score
            found.squares[method, place] = ((actual - predicted) ** 2).sum(axis=1)
            found.volume[method, place] = (actual + predicted).sum(axis=1) / 2
    return found


@dataclass(frozen=True)
class Forecasts:
    """Of each product (p): forecast, p10 and p90 (p, horizon) in units, the chosen method, its
    RMSSE and that of seasonal naive, both a mean over the origins; NaN where nothing was scored.
    """

    forecast: Floats
    p10: Floats
    p90: Floats
    method: npt.NDArray[np.str_]
    rmsse: Floats
    seasonal_naive_rmsse: Floats


def forecast_demand(history: Floats, weekdays: Weekdays, horizon: int = HORIZON) -> Forecasts:
    """Forecast the days after a history by the method that did best on its own past.

    `history` (p, days) in units, NaN before a product's first day; `weekdays` (days) 0 … 6. The
    default stays unless another method is at least 5 % better: with four origins, less is chance.
    """
    tested = back_test(history, weekdays, horizon)
    scores = _mean_over_origins(tested.scores)
    chosen = _choose(scores)
    products = np.arange(len(history))
    predictions = _predictions(history, weekdays, horizon)
    forecast = np.array([predictions[name] for name in METHODS])[chosen, products]
    dispersion = _dispersion(tested, history)[chosen, products]
    p10, p90 = (_quantile(forecast, dispersion, share) for share in (0.1, 0.9))
    return Forecasts(
        forecast=forecast,
        p10=np.minimum(p10, forecast),
        p90=np.maximum(p90, forecast),
        method=np.array(METHODS)[chosen],
        rmsse=scores[chosen, products],
        seasonal_naive_rmsse=scores[METHODS.index(SEASONAL_NAIVE)],
    )


def _mean_over_origins(scores: Floats) -> Floats:
    """Mean score per method and product; NaN where a method misses an origin that others have."""
    has_score = ~np.isnan(scores)
    counts = has_score.sum(axis=1)
    is_complete = (counts == counts.max(axis=0, initial=0)) & (counts > 0)
    return np.where(is_complete, np.nansum(scores, axis=1) / np.maximum(counts, 1), np.nan)


def _choose(scores: Floats) -> npt.NDArray[np.int64]:
    """Index of each product's method; of equal ones the first."""
    default = METHODS.index(DEFAULT)
    comparable = np.where(np.isnan(scores), np.inf, scores)
    best = comparable.argmin(axis=0)
    is_better = comparable.min(axis=0) < (1 - SMALLEST_GAIN) * comparable[default]
    return np.where(is_better, best, default)


def _dispersion(tested: BackTest, history: Floats) -> Floats:
    """Variance ÷ mean of what comes, per method and product, never below 1 (Poisson): from the
    errors of the back-test, or else from the history itself.
    """
    has_score = ~np.isnan(tested.scores)
    squares = np.where(has_score, tested.squares, 0.0).sum(axis=1)
    volume = np.where(has_score, tested.volume, 0.0).sum(axis=1)
    days = np.maximum((~np.isnan(history)).sum(axis=1), 1)
    mean = np.nansum(history, axis=1) / days
    variance = np.nansum((history - mean[:, None]) ** 2, axis=1) / days
    of_history = variance / np.where(mean > 0, mean, np.inf)
    found = np.where(volume > 0, squares / np.where(volume > 0, volume, 1.0), of_history)
    dispersion: Floats = np.maximum(found, 1.0)
    return dispersion


def _quantile(mean: Floats, dispersion: Floats, share: float) -> Floats:
    """Quantile of a negative binomial by its mean (p, horizon) and variance ÷ mean (p); a Poisson's
    where that is 1, and 0 where the mean is.
    """
    ratio = np.maximum(dispersion, 1 + 1e-6)[:, None]
    found = stats.nbinom.ppf(share, np.maximum(mean, 1e-9) / (ratio - 1), 1 / ratio)
    quantile: Floats = np.where(mean > 0, found, 0.0)
    return quantile


def forecast_table(demand: pa.Table) -> pa.Table:
    """One row per variant and day to come, in that order, from one row per variant and past day.

    `demand` needs variant_id, demand_date and demand (units); a variant's days have no gaps and
    all variants end on the same day. No rows give no rows. Numbers are rounded to 8 decimals.
    """
    variants = pc.unique(demand["variant_id"]).sort()
    if not len(variants):
        return _FORECAST_SCHEMA.empty_table()
    date = demand["demand_date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    first, last = int(date.min()), int(date.max())
    history = np.full((len(variants), last - first + 1), np.nan)
    place = pc.index_in(demand["variant_id"].combine_chunks(), variants).to_numpy()
    history[place, date - first] = demand["demand"].to_numpy()
    found = forecast_demand(history, np.arange(first, last + 1) % 7)

    def of_variant(values: npt.NDArray[Any]) -> pa.Array:
        return pa.array(np.repeat(values, HORIZON), from_pandas=True)

    ahead = np.tile(np.arange(last + 1, last + 1 + HORIZON), len(variants))
    columns = [
        variants.take(pa.array(np.repeat(np.arange(len(variants)), HORIZON))),
        pa.array(ahead.astype("datetime64[D]")),
        *(pa.array(np.round(each, 8).ravel()) for each in (found.forecast, found.p10, found.p90)),
        of_variant(found.method),
        *(of_variant(np.round(each, 8)) for each in (found.rmsse, found.seasonal_naive_rmsse)),
    ]
    return pa.table(columns, schema=_FORECAST_SCHEMA)
