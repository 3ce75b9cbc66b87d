"""Results of experiments: every variant against its control, from sums over units."""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any

import pyarrow as pa

from shoptrack.statistics import experiments
from shoptrack.statistics.experiments import Comparison, Sums

KEY = ("experiment_id", "metric", "variant")
MEASURES = (
    *("value", "difference", "difference_ci_low", "difference_ci_high"),
    *("lift", "ci_low", "ci_high", "p_value", "adjusted_p_value", "always_valid_p_value"),
    *("minimal_detectable_effect", "srm_p_value"),
    *("cuped_lift", "cuped_ci_low", "cuped_ci_high", "cuped_p_value", "variance_reduction"),
)
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in KEY),
        *((name, pa.float64()) for name in MEASURES),
    ]
)
# The mixture of the always valid p-value is as wide as the lifts that one hopes for.
TYPICAL_LIFT = 0.1
DECIMALS = 8

Row = dict[str, Any]


def compare_variants(sums: pa.Table) -> pa.Table:
    """Return a row of SCHEMA per row of sums, in the order of KEY; null where nothing is defined.

    sums: one row per experiment, metric and variant, with metric_kind (proportion or mean),
    is_control, planned_share, units, and the sums value_sum, value_squares, covariate_sum,
    covariate_squares and products over its units. Lifts are relative to the control. Holm's
    adjustment runs over all metrics and variants of an experiment.
    """
    rows = sorted(sums.to_pylist(), key=lambda row: tuple(row[name] for name in KEY))
    results: list[Row] = []
    for _, group in groupby(rows, key=lambda row: row["experiment_id"]):
        results += _compare_experiment(list(group))
    return pa.Table.from_pylist([_tidy(result) for result in results], schema=SCHEMA)


def _compare_experiment(rows: list[Row]) -> list[Row]:
    results: list[Row] = []
    for _, group in groupby(rows, key=lambda row: row["metric"]):
        variants = list(group)
        srm = experiments.sample_ratio_p_value(
            [row["units"] for row in variants], [row["planned_share"] for row in variants]
        )
        control = next((row for row in variants if row["is_control"]), None)
        for row in variants:
            result = {name: row[name] for name in KEY} | {"srm_p_value": srm}
            result["value"] = _sums(row).y / row["units"] if row["units"] else math.nan
            if control and not row["is_control"]:
                result |= _against(control, row)
            results.append(result)
    _adjust(results)
    return results


def _against(control: Row, row: Row) -> Row:
    a, b = _sums(control), _sums(row)
    if row["metric_kind"] == "proportion":
        found = experiments.compare_proportions(int(a.y), a.units, int(b.y), b.units)
    else:
        found = experiments.compare_means((a.units, a.y, a.yy), (b.units, b.y, b.yy))
    if math.isnan(found.difference):
        return {}
    plain = experiments.cuped(_without_covariate(a), _without_covariate(b))
    adjusted = experiments.cuped(a, b)
    lift = experiments.relative_lift(plain.mean_a, plain.error_a, plain.mean_b, plain.error_b)
    cuped_lift = experiments.relative_lift(
        adjusted.mean_a, adjusted.error_a, adjusted.mean_b, adjusted.error_b
    )
    return {
        **_difference(found, abs(a.y / a.units)),
        **dict(zip(("lift", "ci_low", "ci_high"), lift, strict=True)),
        **dict(zip(("cuped_lift", "cuped_ci_low", "cuped_ci_high"), cuped_lift, strict=True)),
        "cuped_p_value": adjusted.comparison.p_value,
        "variance_reduction": adjusted.variance_reduction,
    }


def _difference(found: Comparison, control_value: float) -> Row:
    result = {
        "difference": found.difference,
        "difference_ci_low": found.ci_low,
        "difference_ci_high": found.ci_high,
        "p_value": found.p_value,
    }
    if control_value and found.standard_error:
        detectable = experiments.minimal_detectable_difference(found.standard_error)
        result["minimal_detectable_effect"] = detectable / control_value
        result["always_valid_p_value"] = experiments.always_valid_p_value(
            found.difference, found.standard_error**2, (TYPICAL_LIFT * control_value) ** 2
        )
    return result


def _sums(row: Row) -> Sums:
    names = ("value_sum", "value_squares", "covariate_sum", "covariate_squares", "products")
    return Sums(int(row["units"]), *(float(row[name]) for name in names))


def _without_covariate(sums: Sums) -> Sums:
    return Sums(sums.units, sums.y, sums.yy, 0.0, 0.0, 0.0)


def _adjust(results: list[Row]) -> None:
    """Add Holm's p-values to the results of one experiment."""
    tested = [row for row in results if not math.isnan(row.get("p_value", math.nan))]
    adjusted = experiments.holm([row["p_value"] for row in tested])
    for row, p_value in zip(tested, adjusted, strict=True):
        row["adjusted_p_value"] = p_value


def _tidy(result: Row) -> Row:
    """Round, and make what is not a number null."""
    tidy = dict(result)
    for name in MEASURES:
        value = result.get(name, math.nan)
        tidy[name] = round(value, DECIMALS) + 0.0 if math.isfinite(value) else None
    return tidy
