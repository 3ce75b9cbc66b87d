"""Demand forecasts: published figures, properties, and demand whose law is known."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy

from shoptrack.statistics import forecasting
from shoptrack.statistics.forecasting import HORIZON, Floats

INTERMITTENT = np.array([[0, 2, 0, 0, 3, 0, 1, 0, 0, 0, 4, 0, 2, 0, 0, 1]], dtype=float)


def weekdays(days: int) -> Any:
    return np.arange(days) % 7


def test_croston_and_its_correction_give_the_published_figures() -> None:
    assert round(float(forecasting.croston(INTERMITTENT)[0]), 6) == 0.882755
    assert round(float(forecasting.sba(INTERMITTENT)[0]), 6) == 0.838618


def test_a_product_that_is_no_longer_wanted_fades_out_under_tsb_alone() -> None:
    ended = np.concatenate([INTERMITTENT, np.zeros((1, 60))], axis=1)
    assert forecasting.croston(ended) == pytest.approx(forecasting.croston(INTERMITTENT))
    assert forecasting.tsb(ended) == pytest.approx(forecasting.tsb(INTERMITTENT) * 0.9**60)


@pytest.mark.parametrize(
    "method", [forecasting.ses, forecasting.croston, forecasting.tsb, forecasting.moving_average]
)
def test_days_before_a_products_first_change_nothing(method: Any) -> None:
    late = np.concatenate([np.full((1, 30), np.nan), INTERMITTENT], axis=1)
    old = np.concatenate([np.zeros((1, 30)), INTERMITTENT], axis=1)
    found = method(np.concatenate([late, old]))
    assert found[0] == pytest.approx(method(INTERMITTENT)[0])
    assert found[1] < found[0]


def test_rmsse_is_the_error_against_the_naive_error_within_the_history() -> None:
    history = np.array([[np.nan, 1, 3, 3, 1]])  # steps 2, 0, −2: mean square 8 / 3
    found = forecasting.rmsse(history, np.array([[1.0, 3.0]]), np.array([[3.0, 3.0]]))
    assert found == pytest.approx([math.sqrt(2 / (8 / 3))])
    assert np.isnan(forecasting.rmsse(np.ones((1, 9)), np.ones((1, 2)), np.ones((1, 2))))


def test_the_last_season_comes_again_and_a_young_product_has_none() -> None:
    history = np.vstack([np.arange(10.0), np.append(np.full(5, np.nan), np.arange(5.0))])
    found = forecasting.seasonal_naive(history, 7, 9)
    assert found[0].tolist() == [3, 4, 5, 6, 7, 8, 9, 3, 4]
    assert np.isnan(found[1]).any()
    assert np.isnan(forecasting.seasonal_naive(history, 364)).all()


def test_a_weekday_on_which_the_shop_is_closed_is_forecast_as_0() -> None:
    week = np.array([0, 2, 1, 1, 1, 1, 1], dtype=float)
    history = np.vstack([np.tile(week, 20), np.tile(10 * week, 20)])
    found = forecasting.weekday_ses(history, weekdays(140))
    assert found[1] == pytest.approx(np.tile(10 * week, 4), rel=1e-6)


def poisson(rates: Floats, days: int, seed: int) -> Floats:
    drawn = np.random.default_rng(seed).poisson(rates[:, None], (len(rates), days))
    return drawn.astype(np.float64)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_constant_demand_is_forecast_and_its_quantiles_hold(seed: int) -> None:
    rates = np.repeat([0.2, 1.0, 5.0, 20.0], 50)
    drawn = poisson(rates, 200 + HORIZON, seed)
    found = forecasting.forecast_demand(drawn[:, :200], weekdays(200))
    for rate in np.unique(rates):
        assert found.forecast[rates == rate].mean() == pytest.approx(rate, rel=0.1)
    assert (found.rmsse < found.seasonal_naive_rmsse).mean() > 0.95
    actual = drawn[rates >= 5, 200:]
    assert (actual > found.p90[rates >= 5]).mean() == pytest.approx(0.08, abs=0.03)
    assert (actual < found.p10[rates >= 5]).mean() == pytest.approx(0.08, abs=0.03)


def test_wild_demand_has_a_wider_range_than_a_steady_one() -> None:
    steady = poisson(np.full(20, 5.0), 200, 1)
    wild = np.random.default_rng(1).negative_binomial(0.5, 0.5 / 5.5, (20, 200)) * 1.0
    found = forecasting.forecast_demand(np.vstack([steady, wild]), weekdays(200))
    width = (found.p90 - found.p10).mean(axis=1)
    assert width[20:].mean() > 1.5 * width[:20].mean()


def test_the_method_is_chosen_by_the_past_of_each_product() -> None:
    rng = np.random.default_rng(4)
    own_week = np.tile(rng.integers(0, 30, (1, 7)), 30) * 1.0  # unlike the weekday of the others
    others = poisson(np.full(30, 3.0), 210, 4)
    ended = np.where(np.arange(210) < 90, 8.0, 0.0)[None, :]
    found = forecasting.forecast_demand(np.vstack([own_week, others, ended]), weekdays(210))
    assert found.method[0] == "seasonal_naive_7"
    assert found.forecast[0] == pytest.approx(np.tile(own_week[0, :7], 4))
    assert (found.method[1:31] == "weekday_ses").mean() > 0.5
    assert found.forecast[31].max() < 0.05


def test_a_back_test_knows_nothing_of_what_comes_after_its_origin() -> None:
    history = poisson(np.full(10, 4.0), 200, 5)
    changed = history.copy()
    changed[:, -HORIZON:] += 50
    before, after = (forecasting.back_test(each, weekdays(200)) for each in (history, changed))
    np.testing.assert_array_equal(before.scores[:, 1:], after.scores[:, 1:])
    assert (after.scores[:7, 0] > before.scores[:7, 0]).all()


def test_a_young_product_has_the_default_method_and_no_score() -> None:
    young = np.full((1, 200), np.nan)
    young[0, -20:] = 2.0
    found = forecasting.forecast_demand(
        np.vstack([young, poisson(np.full(3, 2.0), 200, 6)]), weekdays(200)
    )
    assert found.method[0] == "weekday_ses"
    assert np.isnan(found.rmsse[0])
    assert found.forecast[0].mean() == pytest.approx(2.0, rel=0.1)


histories = hypothesis_numpy.arrays(
    float,
    st.tuples(st.integers(1, 4), st.integers(1, 70)),
    elements=st.one_of(st.just(0.0), st.integers(0, 50).map(float), st.floats(0, 1e5)),
)


@settings(max_examples=60, deadline=None)
@given(histories, st.integers(0, 60))
def test_quantiles_never_cross_and_no_forecast_is_negative(history: Floats, first: int) -> None:
    history = history.copy()
    history[0, : min(first, history.shape[1] - 1)] = np.nan
    found = forecasting.forecast_demand(history, weekdays(history.shape[1]))
    assert np.isfinite(found.forecast).all()
    assert (found.p10 >= 0).all()
    assert (found.p10 <= found.forecast).all()
    assert (found.forecast <= found.p90).all()


def demand_rows(days: int) -> list[dict[str, Any]]:
    drawn = poisson(np.array([1.0, 4.0, 0.3]), days, 7)
    return [
        {
            "variant_id": variant,
            "demand_date": date(2025, 1, 1) + timedelta(days=day),
            "demand": float(drawn[row, day]),
        }
        for row, variant in enumerate(("b", "a", "c"))
        for day in range(10 * row, days)
    ]


def test_the_table_of_forecasts_does_not_depend_on_the_order_of_rows() -> None:
    rows = demand_rows(120)
    found = forecasting.forecast_table(pa.Table.from_pylist(rows))
    assert found.equals(forecasting.forecast_table(pa.Table.from_pylist(rows[::-1])))
    assert found.num_rows == 3 * HORIZON
    assert found["variant_id"].to_pylist()[::HORIZON] == ["a", "b", "c"]
    ahead = [date(2025, 5, 1) + timedelta(days=day) for day in range(HORIZON)]
    assert found["forecast_date"].to_pylist()[:HORIZON] == ahead


def test_no_demand_gives_no_forecast_and_unscored_ones_have_null() -> None:
    rows = pa.Table.from_pylist(demand_rows(25))
    assert forecasting.forecast_table(rows.slice(0, 0)).num_rows == 0
    assert forecasting.forecast_table(rows)["rmsse"].null_count == 3 * HORIZON
