"""Price elasticity: how much the units of a product change with its price, with its error.

The model is ln E[q] = elasticity × ln(price) + promotion × is_promoted + variant effect + week
effect + ln(days in stock), fitted by Poisson pseudo-maximum likelihood (Santos Silva and Tenreyro
2006, "The log of gravity"): the elasticity is that of the log-log regression, but weeks without a
sale are used as they are, while ln(0) would have to drop or shift them. Weeks are those of the
category. What comes out is descriptive and not causal: prices are not set at random.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Array = np.ndarray[Any, Any]

# Weak pull towards 0, a prior of standard deviation 100: what the data cannot tell gets an error of
# about 100 and not a division by 0.
RIDGE = 1e-4
MAX_STEPS = 100
TOLERANCE = 1e-8  # of the last Newton step, whose error is about the square of it
CLUSTERS_AT_A_TIME = 10_000  # bounds the memory of their scores
SLACK = 1e-12  # what rounding may take from a likelihood
DECIMALS = 8
SCHEMA = pa.schema(
    [
        ("estimate_level", pa.string()),
        ("category", pa.string()),
        ("product_id", pa.string()),
        ("elasticity", pa.float64()),
        ("standard_error", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Cells:
    """Sales of variants in weeks, arrays over cells.

    `variant`, `week` and `group` are indices from 0 without gaps; a variant lies in one group, and
    groups have an elasticity each. `cluster` joins cells whose errors may go together.
    """

    variant: Array
    week: Array
    group: Array
    cluster: Array
    log_price: Array
    promoted: Array
    units: Array
    days: Array


@dataclass(frozen=True)
class Fit:
    """Elasticity and its standard error, arrays over groups."""

    elasticity: Array
    standard_error: Array


@dataclass(frozen=True)
class _Curvature:
    """The likelihood's Hessian with its sign changed, which is an arrow.

    `by_group` is its diagonal over elasticities, `cross` (elasticities × shared) lies beside it and
    `schur` is the Schur complement in the shared block: of the weeks and, last, the promotion.
    `price` and `promoted` are taken about their mean per variant, weighted by expected units;
    `shares` (variants × weeks) is the share of a variant's units in each week.
    """

    price: Array
    promoted: Array
    shares: Array
    by_group: Array
    cross: Array
    schur: Array


def fit(cells: Cells) -> Fit:
    """Fit an elasticity per group by Newton's method.

    Every variant and every week must have units. Variant effects are solved exactly in each step
    (the likelihood given each variant's total), so that only weeks, promotion and elasticities are
    iterated. The problem is concave: halving a step that overshoots is enough.
    """
    slopes, shared = np.zeros(cells.group.max() + 1), np.zeros(cells.week.max() + 2)
    expected, likelihood = _expect(cells, slopes, shared)
    for _ in range(MAX_STEPS):
        curvature = _curvature(cells, expected)
        steps = _newton_step(cells, expected, curvature, slopes, shared)
        size, lowest = 1.0, likelihood - SLACK * abs(likelihood)
        expected, likelihood = _expect(cells, slopes + steps[0], shared + steps[1])
        while likelihood < lowest and size > TOLERANCE:
            size /= 2
            candidate = slopes + size * steps[0], shared + size * steps[1]
            expected, likelihood = _expect(cells, *candidate)
        slopes, shared = slopes + size * steps[0], shared + size * steps[1]
        if max(np.abs(steps[0]).max(), np.abs(steps[1]).max()) < TOLERANCE:
            break
    return Fit(slopes, _standard_errors(cells, expected, _curvature(cells, expected)))


def _expect(cells: Cells, slopes: Array, shared: Array) -> tuple[Array, float]:
    """Expected units per cell, which add up to each variant's own, and the log-likelihood."""
    index = shared[cells.week] + shared[-1] * cells.promoted + slopes[cells.group] * cells.log_price
    index = index + np.log(cells.days)
    total = np.bincount(cells.variant, cells.units)
    top = np.full(len(total), -np.inf)
    np.maximum.at(top, cells.variant, index)
    weight = np.exp(index - top[cells.variant])
    scale = np.bincount(cells.variant, weight)
    penalty = RIDGE / 2 * ((slopes**2).sum() + (shared**2).sum())
    likelihood = float(cells.units @ index - total @ (np.log(scale) + top) - penalty)
    return weight * (total / scale)[cells.variant], likelihood


def _curvature(cells: Cells, expected: Array) -> _Curvature:
    groups, weeks = int(cells.group.max()) + 1, int(cells.week.max()) + 1
    total = np.bincount(cells.variant, expected)

    def centred(values: Array) -> Array:
        means = np.bincount(cells.variant, expected * values) / total
        difference: Array = values - means[cells.variant]
        return difference

    def by_week(rows: Array, values: Array) -> Array:
        size = int(rows.max()) + 1
        sums = np.bincount(rows * weeks + cells.week, values, size * weeks)
        return sums.reshape(size, weeks)

    price, promoted = centred(cells.log_price), centred(cells.promoted)
    counts = by_week(cells.variant, expected)
    shares = counts / total[:, None]
    block = np.zeros((weeks + 1, weeks + 1))
    block[:weeks, :weeks] = np.diag(counts.sum(axis=0)) - counts.T @ shares
    block[-1, :weeks] = block[:weeks, -1] = np.bincount(cells.week, expected * promoted, weeks)
    block[-1, -1] = expected @ promoted**2
    by_group = np.bincount(cells.group, expected * price**2, groups) + RIDGE
    cross = np.column_stack(
        [
            by_week(cells.group, expected * price),
            np.bincount(cells.group, expected * price * promoted, groups),
        ]
    )
    schur = block + RIDGE * np.eye(weeks + 1) - cross.T @ (cross / by_group[:, None])
    return _Curvature(price, promoted, shares, by_group, cross, schur)


def _newton_step(
    cells: Cells, expected: Array, curvature: _Curvature, slopes: Array, shared: Array
) -> tuple[Array, Array]:
    residual = cells.units - expected
    slope_score = np.bincount(cells.group, residual * cells.log_price) - RIDGE * slopes
    by_week = np.bincount(cells.week, residual)
    shared_score = np.append(by_week, residual @ cells.promoted) - RIDGE * shared
    reduced = shared_score - curvature.cross.T @ (slope_score / curvature.by_group)
    shared_step = np.linalg.solve(curvature.schur, reduced)
    return (slope_score - curvature.cross @ shared_step) / curvature.by_group, shared_step


def _standard_errors(cells: Cells, expected: Array, curvature: _Curvature) -> Array:
    """The larger of the clustered sandwich and the error of the model, per elasticity.

    Liang and Zeger (1986) for the first, which few weeks make too small; the second is too small
    where units vary more than Poisson. Taking the larger: Angrist and Pischke (2009), 8.2.3.

    What a cluster adds to elasticity g is z·lever[g], and own / by_group[g] where it is one of g.
    The square of that is summed without a loop over elasticities, whose cost would be quadratic.
    """
    residual = cells.units - expected
    ratio = curvature.cross / curvature.by_group[:, None]
    lever = np.linalg.solve(curvature.schur, ratio.T).T
    of_model = 1 / curvature.by_group + (lever * ratio).sum(axis=1)
    # What all weeks have in common says nothing, but is large where the data leave it open.
    lever[:, :-1] -= lever[:, :-1].mean(axis=1, keepdims=True)
    own = np.bincount(cells.cluster, residual * curvature.price)
    group = _of_clusters(cells, cells.group)
    squares = np.zeros_like(curvature.schur)
    variance = np.bincount(group, own**2) / curvature.by_group**2
    for some, shared in _shared_scores(cells, residual, curvature):
        scores = shared + own[some, None] * ratio[group[some]]
        squares += scores.T @ scores
        both = own[some] * (scores * lever[group[some]]).sum(axis=1)
        variance += 2 * np.bincount(group[some], both, len(ratio)) / curvature.by_group
    variance += ((lever @ squares) * lever).sum(axis=1)
    variance *= len(own) / max(len(own) - 1, 1)
    errors: Array = np.sqrt(np.maximum(variance, of_model))
    return errors


def _shared_scores(
    cells: Cells, residual: Array, curvature: _Curvature
) -> Iterator[tuple[slice, Array]]:
    """Scores of weeks and promotion with their sign changed, some clusters (c) at a time: which
    ones, and c × shared.
    """
    order = np.argsort(cells.cluster, kind="stable")
    bounds = np.append(0, np.cumsum(np.bincount(cells.cluster)))
    week = _of_clusters(cells, cells.week)
    by_week = np.bincount(cells.cluster, residual)
    promoted = np.bincount(cells.cluster, residual * curvature.promoted)
    for first in range(0, len(week), CLUSTERS_AT_A_TIME):
        some = slice(first, min(first + CLUSTERS_AT_A_TIME, len(week)))
        rows = order[bounds[some.start] : bounds[some.stop]]
        spread = residual[rows, None] * curvature.shares[cells.variant[rows]]
        sums = np.add.reduceat(spread, bounds[some] - bounds[some.start], axis=0)
        sums[np.arange(len(sums)), week[some]] -= by_week[some]
        yield some, np.column_stack([sums, -promoted[some]])


def _of_clusters(cells: Cells, values: Array) -> Array:
    """What all cells of a cluster have in common, per cluster."""
    found = np.empty(cells.cluster.max() + 1, dtype=values.dtype)
    found[cells.cluster] = values
    return found


def estimate(weeks: pa.Table) -> pa.Table:
    """Estimate the elasticity of every category, and of every product within its category.

    weeks: rows of int_price_weeks_summarized, in any order. Returns rows of SCHEMA: estimate_level
    is category (product_id null) or product. Without units there is no row. What cannot be told
    (one price, say) has a standard error of about 100.
    """
    order = ["category", "product_id", "variant_id", "week_start_date", "price", "is_promoted"]
    rows = weeks.sort_by([(name, "ascending") for name in order])
    found: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}
    for category in pc.unique(rows["category"]).to_pylist():
        peers = _with_units(rows.filter(pc.equal(rows["category"], category)))
        if peers.num_rows:
            _add(found, "category", category, [None], fit(_cells(peers, by_product=False)))
            products = pc.unique(peers["product_id"]).to_pylist()
            _add(found, "product", category, products, fit(_cells(peers, by_product=True)))
    return pa.table(found, schema=SCHEMA)


def _add(
    found: dict[str, list[Any]], level: str, category: str, products: list[Any], fitted: Fit
) -> None:
    found["estimate_level"] += [level] * len(products)
    found["category"] += [category] * len(products)
    found["product_id"] += products
    found["elasticity"] += np.round(fitted.elasticity, DECIMALS).tolist()
    found["standard_error"] += np.round(fitted.standard_error, DECIMALS).tolist()


def _with_units(rows: pa.Table) -> pa.Table:
    """Leave out variants and weeks without any unit: they say nothing about prices."""
    units = rows["units"].to_numpy()
    keep = np.ones(len(units), dtype=bool)
    for name in ("variant_id", "week_start_date"):
        index = _index(rows[name])
        keep &= (np.bincount(index, units, 1) > 0)[index]
    return rows.filter(pa.array(keep))


def _cells(rows: pa.Table, *, by_product: bool) -> Cells:
    product = _index(rows["product_id"])
    week = _index(rows["week_start_date"])
    return Cells(
        variant=_index(rows["variant_id"]),
        week=week,
        group=product if by_product else np.zeros(rows.num_rows, dtype=np.int64),
        cluster=_index(pa.array(product * (week.max() + 1) + week)),
        log_price=np.log(rows["price"].cast(pa.float64()).to_numpy()),
        promoted=rows["is_promoted"].cast(pa.float64()).to_numpy(),
        units=rows["units"].cast(pa.float64()).to_numpy(),
        days=rows["days_in_stock"].cast(pa.float64()).to_numpy(),
    )


def _index(values: pa.Array | pa.ChunkedArray) -> Array:
    """Number values from 0 in their order."""
    index: Array = pc.rank(values, tiebreaker="dense").to_numpy().astype(np.int64) - 1
    return index
