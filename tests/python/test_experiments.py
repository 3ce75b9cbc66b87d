"""Statistics of experiments: published figures, and errors that occur as often as promised."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from shoptrack.statistics import experiments
from shoptrack.statistics.experiment_results import SCHEMA, compare_variants

RUNS = 200


def test_two_proportions_give_the_published_figure() -> None:
    found = experiments.compare_proportions(200, 1000, 250, 1000)
    assert round(found.statistic, 4) == -2.6774
    assert round(found.p_value, 5) == 0.00742
    assert found.ci_low < 0.05 < found.ci_high


def test_welch_from_sums_is_that_of_the_units() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.gamma(2.0, 3.0, 80), rng.gamma(2.5, 4.0, 55)
    expected = stats.ttest_ind(b, a, equal_var=False)
    interval = expected.confidence_interval(0.95)
    found = experiments.compare_means(
        (len(a), a.sum(), (a**2).sum()), (len(b), b.sum(), (b**2).sum())
    )
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.ci_low, found.ci_high) == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize("effect", [0.0, 0.03])
def test_the_true_effect_lies_in_its_interval_as_often_as_promised(effect: float) -> None:
    rng = np.random.default_rng(2)
    a, b = rng.binomial(4000, 0.1, RUNS), rng.binomial(4000, 0.1 + effect, RUNS)
    found = [
        experiments.compare_proportions(int(x), 4000, int(y), 4000)
        for x, y in zip(a, b, strict=True)
    ]
    inside = sum(each.ci_low <= effect <= each.ci_high for each in found)
    assert stats.binomtest(inside, RUNS, 0.95).pvalue > 0.001
    if effect == 0:
        alarms = sum(each.p_value < 0.05 for each in found)
        assert stats.binomtest(alarms, RUNS, 0.05, alternative="greater").pvalue > 0.001


def test_peeking_raises_no_more_false_alarms_than_promised_with_an_always_valid_p_value() -> None:
    rng = np.random.default_rng(3)
    differences = rng.normal(0, np.sqrt(2), (RUNS, 400)).cumsum(axis=1) / np.arange(1, 401)
    valid, fixed = 0, 0
    for path in differences:
        looks = [(path[n - 1], 2 / n) for n in range(10, 401, 10)]
        valid += min(experiments.always_valid_p_value(d, v, 0.1) for d, v in looks) < 0.05
        fixed += any(abs(d) / np.sqrt(v) > 1.96 for d, v in looks)
    assert stats.binomtest(valid, RUNS, 0.05, alternative="greater").pvalue > 0.001
    assert fixed > 0.15 * RUNS  # what peeking costs without it


def test_holm_gives_the_steps_by_hand() -> None:
    assert experiments.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert experiments.holm([]) == []


def test_sample_ratio_mismatch_is_found_for_lost_units_and_not_for_a_fair_split() -> None:
    assert experiments.sample_ratio_p_value([1452, 1439], [0.5, 0.5]) > 0.5
    assert experiments.sample_ratio_p_value([5000, 4250], [0.5, 0.5]) < experiments.SRM_ALARM


def test_the_minimal_detectable_difference_is_found_with_its_power() -> None:
    rng = np.random.default_rng(4)
    true = experiments.minimal_detectable_difference(1.0)
    found = int((np.abs(rng.normal(true, 1.0, 2000)) > 1.959964).sum())
    assert stats.binomtest(found, 2000, 0.8).pvalue > 0.001


def test_no_units_and_no_variance_give_no_number() -> None:
    assert np.isnan(experiments.compare_proportions(0, 0, 1, 2).p_value)
    assert np.isnan(experiments.compare_proportions(0, 5, 0, 5).p_value)
    assert np.isnan(experiments.compare_means((3, 3.0, 3.0), (3, 3.0, 3.0)).p_value)
    assert np.isnan(experiments.relative_lift(0.0, 1.0, 1.0, 1.0)[0])


def _sums(x: Any, y: Any) -> experiments.Sums:
    return experiments.Sums(len(y), y.sum(), (y**2).sum(), x.sum(), (x**2).sum(), (x * y).sum())


def test_cuped_is_unbiased_and_takes_the_squared_correlation_off_the_variance() -> None:
    rng = np.random.default_rng(5)
    effect, correlation, units = 0.1, 0.6, 400
    found = []
    for _ in range(RUNS * 5):
        x = rng.normal(5, 2, (2, units))
        noise = rng.normal(0, np.sqrt(1 - correlation**2), (2, units))
        y = correlation * (x - 5) / 2 + noise + np.array([[0.0], [effect]])
        found.append(experiments.cuped(_sums(x[0], y[0]), _sums(x[1], y[1])))
    differences = np.array([each.comparison.difference for each in found])
    promised = np.sqrt((1 - correlation**2) * 2 / units)
    bias = (differences.mean() - effect) / (promised / np.sqrt(len(found)))
    assert abs(bias) < 4
    assert differences.std() == pytest.approx(promised, rel=0.1)
    assert np.mean([each.variance_reduction for each in found]) == pytest.approx(
        correlation**2, abs=0.005
    )
    inside = sum(each.comparison.ci_low <= effect <= each.comparison.ci_high for each in found)
    assert stats.binomtest(inside, len(found), 0.95).pvalue > 0.001


def test_cuped_from_sums_is_the_test_of_adjusted_units() -> None:
    rng = np.random.default_rng(6)
    x, y = rng.poisson(3.0, (2, 60)).astype(float), rng.poisson(2.0, (2, 60)).astype(float)
    y += 0.5 * x
    within = x - x.mean(axis=1, keepdims=True)
    theta = (within * y).sum() / (within**2).sum()
    adjusted = y - theta * (x - x.mean())
    expected = stats.ttest_ind(adjusted[1], adjusted[0], equal_var=False)
    found = experiments.cuped(_sums(x[0], y[0]), _sums(x[1], y[1]))
    assert found.comparison.p_value == pytest.approx(expected.pvalue)
    assert (found.mean_a, found.mean_b) == pytest.approx(tuple(adjusted.mean(axis=1)))


def test_cuped_without_a_covariate_changes_nothing() -> None:
    y = np.array([1.0, 2.0, 4.0])
    found = experiments.cuped(_sums(0 * y, y), _sums(0 * y, 2 * y))
    plain = experiments.compare_means((3, 7.0, 21.0), (3, 14.0, 84.0))
    assert found.comparison == plain
    assert found.variance_reduction == pytest.approx(0)


def _row(metric: str, variant: str, units: int, value_sum: int, **others: Any) -> dict[str, Any]:
    return {
        **{"experiment_id": "e", "metric": metric, "metric_kind": "proportion"},
        **{"variant": variant, "is_control": variant == "a", "planned_share": 0.5},
        **{"units": units, "value_sum": value_sum, "value_squares": value_sum},
        **{"covariate_sum": 0, "covariate_squares": 0, "products": 0},
        **others,
    }


def test_results_compare_with_the_control_and_adjust_within_the_experiment() -> None:
    rows = [
        _row("m", "a", 1000, 200),
        _row("m", "b", 1000, 250),
        _row("n", "a", 1000, 100),
        _row("n", "b", 1000, 100),
    ]
    found = compare_variants(pa.Table.from_pylist(rows[::-1])).to_pylist()
    assert [(row["metric"], row["variant"]) for row in found] == [
        *(("m", "a"), ("m", "b")),
        *(("n", "a"), ("n", "b")),
    ]
    control, treatment = found[0], found[1]
    assert (control["value"], control["lift"], control["p_value"]) == (0.2, None, None)
    assert (treatment["difference"], treatment["lift"]) == (0.05, 0.25)
    assert treatment["p_value"] == pytest.approx(0.00742, abs=1e-5)
    assert treatment["adjusted_p_value"] == pytest.approx(2 * treatment["p_value"], abs=1e-7)
    assert treatment["p_value"] < treatment["always_valid_p_value"]
    assert treatment["ci_low"] < 0.25 < treatment["ci_high"]
    error = math.sqrt(0.2 * 0.8 / 1000 + 0.25 * 0.75 / 1000)
    effect = treatment["minimal_detectable_effect"]
    assert effect == pytest.approx((1.959964 + 0.841621) * error / 0.2, abs=1e-5)
    assert treatment["srm_p_value"] == 1


def test_results_are_null_where_nothing_is_defined() -> None:
    nothing = compare_variants(pa.Table.from_pylist([_row("m", "a", 0, 0), _row("m", "b", 0, 0)]))
    assert nothing.to_pylist()[1] == {
        name: {"experiment_id": "e", "metric": "m", "variant": "b"}.get(name)
        for name in SCHEMA.names
    }
    no_control = [_row("m", "a", 9, 3, is_control=False), _row("m", "b", 9, 3)]
    found = compare_variants(pa.Table.from_pylist(no_control)).to_pylist()
    assert [row["p_value"] for row in found] == [None, None]
    single = [_row("m", "a", 1, 0), _row("m", "b", 1, 1)]
    assert compare_variants(pa.Table.from_pylist(single)).to_pylist()[1]["lift"] is None
    empty = pa.Table.from_pylist([_row("m", "a", 0, 0)]).slice(0, 0)
    assert compare_variants(empty).schema == SCHEMA
