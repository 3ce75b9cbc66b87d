"""`shoptrack status`: figures of what is built, and words for what is not."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from shoptrack.cli import app

SESSIONS = """
    create schema marts;
    create table marts.fct_sessions as
    select * from (values
        ('v1', true, false, timestamp '2025-01-02 10:00:00'),
        ('v1', false, false, timestamp '2025-01-03 10:30:00'),
        ('v2', false, false, timestamp '2025-01-01 10:00:00'),
        ('bot', false, true, timestamp '2025-02-01 10:00:00')
    ) as sessions (visitor_id, has_purchase, is_bot, session_end_at);
    create table marts.dim_visitors as
    select visitor_id, bool_and(is_bot) as is_bot from marts.fct_sessions group by visitor_id;
"""
SALES = """
    create schema intermediate;
    create table intermediate.int_reporting_currency as select 'EUR' as reporting_currency;
    create table marts.fct_orders as
    select * from (values
        (true, 2000.00, 100.00, 1900.00, 1.0),
        (true, 100.00, 0.00, 120.00, 1.2),
        (false, 999.00, 0.00, 999.00, 1.0)
    ) as orders (is_sale, gross_sales, discounts, net_sales_reporting, fx_rate);
    create table marts.dim_customers as
    select unnest([2, 0, 1]) as order_count;
    create table marts.fct_rejected_rows as
    select 'web.events' as source_table, unnest(['no date', 'no date', 'no visitor']) as reason;
"""


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Path of a warehouse that does not exist yet."""
    path = tmp_path / "warehouse.duckdb"
    monkeypatch.setenv("SHOPTRACK_WAREHOUSE", str(path))
    return path


def build(warehouse: Path, statements: str) -> None:
    """Write the warehouse file."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(statements)


def status() -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["status"])


def figures(result: Result) -> dict[str, str]:
    """Label and text of every figure that was printed."""
    lines = result.stdout.split("\n\n")[0].splitlines()
    pairs = (line.split("  ", 1) for line in lines if not line.startswith(("  ", "not built")))
    return {label: text.strip() for label, text in pairs}


def test_figures_are_those_of_the_marts(warehouse: Path) -> None:
    build(warehouse, SESSIONS + SALES)
    result = status()
    assert result.exit_code == 0
    assert figures(result) == {
        "sessions": "3",
        "visitors": "2",
        "session conversion rate": "33.33%",
        "orders": "2",
        "gross sales": "2,120.00 EUR",
        "net sales": "2,020.00 EUR",
        "average order value": "1,010.00 EUR",
        "customers who ordered": "2",
        "newest event": "2025-01-03 10:30 UTC",
        "rejected rows": "3",
    }
    assert "2 of web.events: no date" in result.stdout
    assert "1 of web.events: no visitor" in result.stdout
    assert "dbt build" in result.stdout


def test_figures_of_marts_that_are_not_built_are_named(warehouse: Path) -> None:
    build(warehouse, SESSIONS)
    result = status()
    assert result.exit_code == 0
    assert figures(result)["sessions"] == "3"
    assert "not built yet: orders, gross sales" in result.stdout


def test_an_empty_shop_has_no_rates(warehouse: Path) -> None:
    build(warehouse, SESSIONS + "delete from marts.fct_sessions")
    found = figures(status())
    assert (found["sessions"], found["session conversion rate"], found["newest event"]) == (
        "0",
        "–",
        "–",
    )


@pytest.mark.parametrize("statements", [None, "create table other as select 1 as number"])
def test_without_marts_the_next_step_is_a_build(warehouse: Path, statements: str | None) -> None:
    if statements:
        build(warehouse, statements)
    result = status()
    assert result.exit_code == 1
    assert str(warehouse) in result.stderr
    assert "run dbt build first" in result.stderr
