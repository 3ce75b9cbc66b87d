"""Price elasticities: the simulator's truth, other ways to the same figure, what cannot be told."""

from __future__ import annotations

import csv
import gzip
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import optimize

from shoptrack.contract import PROJECT_ROOT
from shoptrack.demo import rates
from shoptrack.demo.catalogue import Catalogue
from shoptrack.demo.draws import day_date
from shoptrack.statistics import elasticity
from shoptrack.statistics.elasticity import SCHEMA, estimate

SEEDS = (7, 11, 23)
THIN_SEEDS = range(100, 104)
Row = dict[str, Any]


def weeks_of_a_shop(seed: int, days: int, units_per_day: float) -> list[Row]:
    """Weeks of variants as the simulator's catalogue sells them, every variant always in stock."""
    catalogue = Catalogue(seed)
    rng = np.random.default_rng(seed)
    available = np.ones(len(catalogue.product), dtype=bool)
    cells: dict[tuple[int, date, int], Row] = {}
    for day in range(days):
        catalogue.change_prices(day)
        weights = catalogue.purchase_weights(day, available)
        units = rng.multinomial(rng.poisson(units_per_day), weights / weights.sum())
        monday = day_date(day) - timedelta(days=day_date(day).weekday())
        for variant in np.flatnonzero((weights > 0) & ~catalogue.is_gift):
            product = catalogue.product[variant]
            cents = int(catalogue.price_cents[variant])
            cell = cells.setdefault(
                (int(variant), monday, cents),
                {
                    "category": rates.CATEGORIES[catalogue.category[product]],
                    "product_id": catalogue.product_ids[product],
                    "variant_id": catalogue.variant_ids[variant],
                    "week_start_date": monday,
                    "price": cents / 100,
                    "is_promoted": bool(catalogue.is_promoted[product]),
                    "units": 0,
                    "days_in_stock": 0,
                },
            )
            cell["units"] += int(units[variant])
            cell["days_in_stock"] += 1
    return list(cells.values())


def estimated(rows: list[Row], level: str) -> list[Row]:
    found: list[Row] = estimate(pa.Table.from_pylist(rows)).to_pylist()
    return [row for row in found if row["estimate_level"] == level]


def deviation(row: Row) -> float:
    """Error of an estimate in standard errors."""
    truth = rates.ELASTICITY[rates.CATEGORIES.index(row["category"])]
    return float((row["elasticity"] - truth) / row["standard_error"])


def log_regression(rows: list[Row]) -> float:
    """Least squares of ln(units per day in stock), weeks without units left out."""
    sold = [row for row in rows if row["units"]]
    columns = np.array([[np.log(row["price"]), row["is_promoted"]] for row in sold])
    keys = [
        np.array([str(row[name]) for row in sold]) for name in ("variant_id", "week_start_date")
    ]
    effects = [key[:, None] == np.unique(key) for key in keys]
    design = np.hstack([columns, *effects]).astype(float)
    demand = np.log([row["units"] / row["days_in_stock"] for row in sold])
    return float(np.linalg.lstsq(design, demand, rcond=None)[0][0])


def test_the_elasticity_of_every_category_is_recovered() -> None:
    found = [
        row for seed in SEEDS for row in estimated(weeks_of_a_shop(seed, 365, 200), "category")
    ]
    deviations = np.abs([deviation(row) for row in found])
    assert len(found) == 18
    assert deviations.max() < 3
    assert (deviations < 2).sum() >= 16
    assert all(row["elasticity"] < 0 for row in found)
    assert np.median([row["standard_error"] for row in found]) < 0.2


def test_the_elasticity_of_products_is_recovered_as_often_as_promised() -> None:
    found = [row for seed in SEEDS for row in estimated(weeks_of_a_shop(seed, 365, 200), "product")]
    deviations = np.abs([deviation(row) for row in found])
    assert len(found) == 3 * 48
    assert np.mean(deviations < 2) > 0.9
    assert deviations.max() < 4


def test_thin_sales_bias_the_regression_of_logarithms_and_not_this_one() -> None:
    errors, errors_of_logs = [], []
    for seed in THIN_SEEDS:
        rows = weeks_of_a_shop(seed, 365, 25)
        for row in estimated(rows, "category"):
            truth = rates.ELASTICITY[rates.CATEGORIES.index(row["category"])]
            peers = [each for each in rows if each["category"] == row["category"]]
            errors.append((row["elasticity"] - truth) / truth)
            errors_of_logs.append((log_regression(peers) - truth) / truth)
    assert abs(np.mean(errors)) < 0.15
    assert np.mean(errors_of_logs) < -0.3  # towards 0: weeks without a sale are the dear ones


def test_it_is_the_maximum_of_the_poisson_likelihood() -> None:
    rows = [r for r in weeks_of_a_shop(7, 60, 80) if r["category"] == "Accessories"]
    names = sorted({row["variant_id"] for row in rows})
    weeks = sorted({row["week_start_date"] for row in rows})
    units = np.array([row["units"] for row in rows])
    design = np.array(
        [
            [np.log(row["price"]), row["is_promoted"]]
            + [row["variant_id"] == name for name in names]
            + [row["week_start_date"] == week for week in weeks[1:]]
            for row in rows
        ],
        dtype=float,
    )
    days = np.log([row["days_in_stock"] for row in rows])

    def loss(beta: Any) -> tuple[float, Any]:
        expected = np.exp(days + design @ beta)
        return float(expected.sum() - units @ (design @ beta)), design.T @ (expected - units)

    best = optimize.minimize(loss, np.zeros(design.shape[1]), jac=True, tol=1e-12).x
    (found,) = estimated(rows, "category")
    assert found["elasticity"] == pytest.approx(best[0], abs=1e-2)


def test_the_order_of_rows_the_unit_of_prices_and_other_categories_do_not_matter() -> None:
    rows = weeks_of_a_shop(11, 60, 80)
    forward = estimate(pa.Table.from_pylist(rows))
    assert estimate(pa.Table.from_pylist(rows[::-1])).equals(forward)
    cents = estimated([{**row, "price": row["price"] * 100} for row in rows], "category")
    for row, other in zip(estimated(rows, "category"), cents, strict=True):
        assert row["elasticity"] == pytest.approx(other["elasticity"], abs=0.01)
    bags = [row for row in rows if row["category"] == "Bags"]
    assert estimated(bags, "category")[0] in estimated(rows, "category")


def test_standard_errors_do_not_depend_on_how_many_clusters_are_summed_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = pa.Table.from_pylist(weeks_of_a_shop(11, 60, 80))
    at_once = estimate(rows)
    monkeypatch.setattr(elasticity, "CLUSTERS_AT_A_TIME", 7)
    few_at_a_time = estimate(rows)
    assert few_at_a_time["standard_error"].to_pylist() == pytest.approx(
        at_once["standard_error"].to_pylist(), rel=1e-6
    )


def week(product: str, number: int, price: float, units: int) -> Row:
    return {
        "category": "c",
        "product_id": product,
        "variant_id": product,
        "week_start_date": date(2024, 1, 1) + timedelta(weeks=number),
        "price": price,
        "is_promoted": False,
        "units": units,
        "days_in_stock": 7,
    }


def test_without_units_there_is_no_estimate() -> None:
    empty = pa.Table.from_pylist([week("a", 0, 10, 0)])
    assert estimate(empty).equals(SCHEMA.empty_table())
    assert estimate(empty.slice(0, 0)).equals(SCHEMA.empty_table())


@pytest.mark.parametrize(
    "rows",
    [
        [week(name, number, 10, 5 + number) for name in "ab" for number in range(9)],
        [week("a", number, 10 + number % 2, 5 + number) for number in range(9)],
        [week("a", 0, 10, 1)],
    ],
    ids=["one price", "one product is its weeks", "one row"],
)
def test_what_the_data_cannot_tell_is_smaller_than_its_error(rows: list[Row]) -> None:
    for row in estimated(rows, "product"):
        assert abs(row["elasticity"]) < row["standard_error"], row


def test_the_robust_error_grows_where_units_vary_more_than_poisson() -> None:
    rng = np.random.default_rng(1)
    calm, wild = [], []
    for name in "abcdefgh":
        for number in range(52):
            price = float(rng.choice([8, 10, 12]))
            expected = 30 * (price / 10) ** -2
            calm.append(week(name, number, price, int(rng.poisson(expected))))
            noisy = expected * rng.gamma(2, 1 / 2)
            wild.append(week(name, number, price, int(rng.poisson(noisy))))
    (of_calm,), (of_wild,) = estimated(calm, "category"), estimated(wild, "category")
    assert of_wild["standard_error"] > 2 * of_calm["standard_error"]
    assert abs(of_wild["elasticity"] + 2) < 2.5 * of_wild["standard_error"]


def test_on_scanner_data_it_is_the_price_coefficient_of_the_choice_model() -> None:
    """Purchases of two brands of orange juice: a Poisson model with an effect per occasion is the
    conditional logit of the choice (Baker 1994, "The multinomial-Poisson transformation")."""
    file = Path(os.environ.get("SHOPTRACK_REFERENCE_DATA", PROJECT_ROOT.parent / "shared" / "data"))
    file = file / "pricing" / "ISLR_OJ.csv.gz"
    if not file.exists():
        pytest.skip(f"{file} is absent: set SHOPTRACK_REFERENCE_DATA")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        purchases = list(csv.DictReader(lines))
    occasions = sorted({(p["StoreID"], p["WeekofPurchase"]) for p in purchases})
    cells: dict[tuple[str, int, float], Row] = {}
    for purchase in purchases:
        number = occasions.index((purchase["StoreID"], purchase["WeekofPurchase"]))
        for brand in ("CH", "MM"):
            price = float(purchase[f"SalePrice{brand}"])
            row = week(brand, number, price, 0)
            row["is_promoted"] = False
            cell = cells.setdefault((brand, number, price), row)
            cell["units"] += purchase["Purchase"] == brand
    ratio = np.log([float(p["SalePriceCH"]) / float(p["SalePriceMM"]) for p in purchases])
    is_ch = np.array([p["Purchase"] == "CH" for p in purchases], dtype=float)

    def loss(beta: Any) -> float:
        index = beta[0] * ratio + beta[1]
        return float(np.logaddexp(0, index).sum() - is_ch @ index)

    logit = optimize.minimize(loss, np.zeros(2), tol=1e-10).x[0]
    (found,) = estimated(list(cells.values()), "category")
    assert found["elasticity"] < -3 * found["standard_error"]
    assert found["elasticity"] == pytest.approx(logit, abs=0.02)
