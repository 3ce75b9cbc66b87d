"""Statistics of experiments: published figures, and errors that occur as often as promised."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from shoptrack.statistics import experiments

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
