"""`dbt build` as a user types it: every model, data test and unit test, on shops of every kind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from shoptrack.contract import PROJECT_ROOT
from shoptrack.demo import simulate
from shoptrack.landing import land_table
from shoptrack.landing.zone import landing_zone

DBT = Path(sys.executable).with_name("dbt")
OTHER_CHOICES = {
    "store_timezone": "America/New_York",
    "source_timezone": "Europe/Berlin",
    "reporting_currency": "GBP",
    "session_timeout_seconds": 600,
    "engaged_session_seconds": 20,
    "key_events": ["sign_up"],
    "store_domains": ["shop.example"],
    "bot_session_events": 300,
    "late_after_hours": 24,
    "minimum_audience_size": 3,
    "message_response_days": 14,
    "cart_abandonment_window_hours": 48,
    "cart_recovery_window_days": 10,
    "payment_error_events": ["card_declined"],
    "experiment_covariate_days": 7,
    "attribution_lookback_days": 7,
    "attribution_dimension": "source",
    "report_attribution_model": "last",
    "clv_discount_rate": 0.2,
    "clv_margin": 0.5,
    "churn_p_alive_threshold": 0.3,
    "price_history_days": 400,
    "demand_history_days": 300,
    "demand_window_days": 28,
    "service_level_z": 2,
    "review_period_days": 3,
    "overstock_after_days": 30,
    "product_performance_days": 98,
    "largest_basket": 50,
    "minimum_orders_together": 2,
}
# dbt's unit tests are about the SQL, not the data: once is enough.
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
WITHOUT_TESTS = (*WITHOUT_UNIT_TESTS, "test")


def dbt_build(folder: Path, *arguments: str) -> str:
    """Run `dbt build` on the landing zone in `folder`; returns what it printed."""
    environment = os.environ | {
        "SHOPTRACK_LANDING": str(folder / "landing"),
        "SHOPTRACK_WAREHOUSE": str(folder / "warehouse.duckdb"),
    }
    command = [str(DBT), "build", "--target-path", str(folder / "target"), *arguments]
    done = subprocess.run(
        command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-5000:]
    return done.stdout


def count(folder: Path, mart: str) -> int:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        return int(connection.execute(f"select count(*) from marts.{mart}").fetchall()[0][0])


def test_a_demo_shop_passes_every_test_at_once_and_is_built_again(tmp_path: Path) -> None:
    """With a shop's own choices: dbt's unit tests must not depend on them.

    Data tests after a second build are part of what is served: orchestration/test_serving.py.
    """
    simulate(tmp_path / "landing", days=40, visitors=3_000)
    choices = ("--vars", json.dumps(OTHER_CHOICES))
    first = dbt_build(tmp_path, *choices)
    again = dbt_build(tmp_path, *choices, *WITHOUT_TESTS)
    for printed in (first, again):
        assert "ERROR=0 SKIP=0" in printed
    assert count(tmp_path, "fct_sessions") > 3_000


def test_an_empty_landing_zone_gives_empty_marts_and_then_orders_alone_pass_every_test(
    tmp_path: Path,
) -> None:
    assert "ERROR=0 SKIP=0" in dbt_build(tmp_path, *WITHOUT_UNIT_TESTS)
    assert count(tmp_path, "fct_sessions") == count(tmp_path, "fct_orders") == 0
    orders = duckdb.sql(
        "select 'o' || n as order_id, timestamp '2025-03-01' + interval (n) hour as ordered_at,"
        " 'c' || n % 7 as customer_id, 10.5 as total from range(50) as numbers(n)"
    ).to_arrow_table()
    land_table(
        tmp_path / "landing",
        "shop.orders",
        orders,
        file_name="orders.csv",
        loaded_at=datetime(2026, 1, 1),
    )
    assert "ERROR=0 SKIP=0" in dbt_build(tmp_path, *WITHOUT_UNIT_TESTS)
    assert count(tmp_path, "fct_orders") == 50
    assert count(tmp_path, "fct_sessions") == 0


def test_the_default_landing_zone_is_the_one_that_dbt_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SHOPTRACK_LANDING", raising=False)
    assert landing_zone() == PROJECT_ROOT / "data" / "landing"
