"""Customer value: the published figures of CDNOW, and properties that hold for any shop."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from examples import cdnow
from shoptrack.statistics.customer_predictions import (
    FITS,
    PREDICTIONS,
    fitted_models,
    predictions,
)
from shoptrack.statistics.customer_value import (
    Array,
    BgNbd,
    FitError,
    GammaGamma,
    Histories,
    fit_bg_nbd,
    fit_gamma_gamma,
)
from tests.python.test_published_figures import reference

CALIBRATION_END = "date '1997-09-30'"


def history(x: float, recency: float, age: float) -> Histories:
    """The history of one customer."""
    return Histories(*(np.array([value]) for value in (x, recency, age, 1.0)))


@pytest.fixture(scope="module")
def cdnow_customers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Array]:
    """x, t_x and T in weeks and mean repeat value of CDNOW's customers to 1997-09-30."""
    file = reference("cdnow/CDNOW_sample.txt.gz")
    orders = cdnow.write_mapped(file, tmp_path_factory.mktemp("cdnow"))["shop.orders"]
    rows = duckdb.sql(
        "with days as (select customer_id, cast(ordered_at as date) as day,"
        f" cast(sum(total) as double) as value from '{orders}'"
        f" where ordered_at <= {CALIBRATION_END} group by all),"
        " dated as (select *, min(day) over (partition by customer_id) as first from days)"
        " select count(*) - 1.0 as x, (max(day) - first) / 7.0 as recency,"
        f" ({CALIBRATION_END} - first) / 7.0 as age,"
        " coalesce(avg(value) filter (where day > first), 0) as value"
        " from dated group by customer_id, first order by customer_id"
    )
    return {name: np.asarray(column, float) for name, column in rows.fetchnumpy().items()}


def test_bg_nbd_gives_the_published_parameters_of_cdnow(
    cdnow_customers: dict[str, Array],
) -> None:
    customers = cdnow_customers
    histories, _ = Histories.grouped(customers["x"], customers["recency"], customers["age"])
    assert histories.weight.sum() == 2357
    model = fit_bg_nbd(histories)
    found = (model.r, model.alpha, model.a, model.b)
    assert found == pytest.approx((0.243, 4.414, 0.793, 2.426), rel=0.005)
    assert model.log_likelihood == pytest.approx(-9582.43, abs=0.01)
    assert model.expected_purchases_of_a_new_customer(52) == pytest.approx(1.444, abs=0.0005)
    expected = model.expected_purchases(history(2, 30.43, 38.86), 39)
    assert expected[0] == pytest.approx(1.226, abs=0.0005)


def test_gamma_gamma_gives_the_published_parameters_of_cdnow(
    cdnow_customers: dict[str, Array],
) -> None:
    model = fit_gamma_gamma(cdnow_customers["x"], cdnow_customers["value"])
    assert (model.p, model.q, model.gamma) == pytest.approx((6.25, 3.74, 15.44), rel=0.01)


@pytest.mark.parametrize("a", [0.3, 0.9, 1.0, 3.0, 40.0])
@pytest.mark.parametrize("x", [0.0, 2.0, 150.0])
def test_expected_purchases_are_the_mean_over_rates_and_drop_out_chances(
    a: float, x: float
) -> None:
    model = BgNbd(0.55, 45.0, a, 3.6)
    rng = np.random.default_rng(3)
    rate = rng.gamma(model.r + x, 1 / (model.alpha + 300), 400_000)
    dropout = rng.beta(a, model.b + x, 400_000)
    drawn = -np.expm1(-rate * dropout * 365) / dropout
    expected = model.expected_purchases_if_alive(history(x, 200, 300), 365)[0]
    assert abs(expected - drawn.mean()) < 5 * drawn.std() / np.sqrt(len(drawn))


def test_the_first_purchase_alone_leaves_a_customer_alive_and_silence_kills() -> None:
    model = BgNbd(0.55, 45.0, 0.9, 3.6)
    assert model.p_alive(history(0, 0, 1000))[0] == 1
    alive = [model.p_alive(history(5, 100, age))[0] for age in (100, 150, 400, 4000)]
    assert alive == sorted(alive, reverse=True)
    assert alive[-1] < 0.001
    silent = [model.p_no_purchase(history(5, 100, 150), days)[0] for days in (0, 30, 1e9)]
    assert silent[0] == pytest.approx(1)
    assert silent[0] > silent[1] > silent[2]
    assert silent[2] == pytest.approx(1 - alive[1], abs=1e-3)


@pytest.mark.parametrize("seed", [7, 11, 23])
def test_parameters_that_customers_were_drawn_from_are_plausible(seed: int) -> None:
    truth = BgNbd(0.55, 45.0, 0.9, 3.6)
    histories = drawn_histories(truth, 5_000, seed)
    model = fit_bg_nbd(histories)
    # Twice the gain over the truth is χ² with 4 degrees of freedom: 33 has a chance of 1e-6.
    gain = 2 * (model.log_likelihood - truth.log_likelihood_of(histories))
    assert 0 <= gain < 33
    assert model.r / model.alpha == pytest.approx(truth.r / truth.alpha, rel=0.2)


def drawn_histories(model: BgNbd, customers: int, seed: int) -> Histories:
    """Histories of customers over 40 to 400 days, drawn purchase by purchase."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(model.r, 1 / model.alpha, customers)
    dropout = rng.beta(model.a, model.b, customers)
    age = rng.uniform(40, 400, customers)
    x, last, alive = np.zeros(customers), np.zeros(customers), np.ones(customers, dtype=bool)
    while alive.any():
        moment = last + rng.exponential(1 / np.maximum(rate, 1e-12))
        alive &= moment <= age
        x[alive] += 1
        last = np.where(alive, moment, last)
        alive &= rng.random(customers) >= dropout
    return Histories.grouped(x, last, age)[0]


def test_an_unknown_value_is_expected_to_be_that_of_all_customers_and_not_nothing() -> None:
    model = GammaGamma(p=6.25, q=3.74, gamma=15.44)
    frequency, monetary_value = np.array([0.0, 4.0, 4.0]), np.array([np.nan, np.nan, 0.0])
    new, unknown, nothing = model.expected_value(frequency, monetary_value)
    assert new == unknown == pytest.approx(6.25 * 15.44 / 2.74)
    assert nothing < new


def test_too_little_data_gives_nulls_and_a_reason() -> None:
    customers = table([("as_of", "a", 3, 10, 20, 5.0, 365), ("as_of", "b", 0, 0, 9, None, 365)])
    fits = fitted_models(customers)
    assert fits["purchases_reason"].to_pylist() == ["too few repeat customers"]
    assert fits["r"].to_pylist() == [None]
    rows = predictions(customers, fits, 0.1).to_pylist()
    assert [row["customer_id"] for row in rows] == ["a", "b"]
    for row in rows:
        assert row["p_alive"] is row["expected_purchase_value"] is None
        assert row["missing_reason"].startswith("too few repeat customers")


def test_no_customers_give_empty_tables_of_the_right_types() -> None:
    nobody = table([])
    fits = fitted_models(nobody)
    assert (fits.num_rows, fits.schema) == (0, FITS)
    empty = predictions(nobody, fits, 0.1)
    assert (empty.num_rows, empty.schema) == (0, PREDICTIONS)


def test_customers_who_all_bought_today_give_a_reason() -> None:
    zero = np.zeros(50)
    with pytest.raises(FitError, match="no time has passed"):
        fit_bg_nbd(Histories.grouped(zero + 1, zero, zero)[0])


def table(rows: list[tuple[object, ...]]) -> pa.Table:
    """Histories as dbt's model gives them."""
    names = ("cutoff", "customer_id", "frequency", "recency_days", "age_days")
    schema = pa.schema(
        [(name, pa.string() if number < 2 else pa.int64()) for number, name in enumerate(names)]
        + [("monetary_value", pa.float64()), ("horizon_days", pa.int64())]
    )
    return pa.Table.from_pylist(
        [dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema
    )
