"""The tools that people open the marts in PostgreSQL with: psql, SQLAlchemy, ODBC, the cookbook."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from shoptrack.contract import PROJECT_ROOT
from shoptrack.public_marts import public_marts
from tests.python.publishing.server import Server

COOKBOOK = PROJECT_ROOT / "docs" / "cookbook.md"
BLOCKS = re.findall(
    r"^```sql\n(.+?)^```", COOKBOOK.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
SALES = """
    select order_date, country, count(*) as orders, sum(net_sales) as net_sales
    from fct_orders where is_sale group by order_date, country order by order_date, country
"""
NAMES = {mart.name for mart in public_marts()}


@pytest.fixture(scope="module")
def reader(server: Server, demo_database: str) -> tuple[str, str]:
    """Name and password of an analyst who reads over TCP."""
    server.run(demo_database, "create role carla login password 'secret' in role shoptrack_reader")
    return "carla", "secret"


@pytest.fixture(scope="module")
def duck(demo_copy: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published copy in DuckDB."""
    with duckdb.connect(str(demo_copy), read_only=True) as connection:
        yield connection


def psql(server: Server, database: str, reader: tuple[str, str], command: str) -> str:
    """What psql prints."""
    url = server.tcp_url(database, *reader)
    done = subprocess.run(
        ["psql", url, "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--command", command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_psql_shows_comments_and_the_key(
    server: Server, demo_database: str, reader: tuple[str, str]
) -> None:
    shown = psql(server, demo_database, reader, r"\d+ marts.rpt_traffic_daily")
    assert "PRIMARY KEY, btree (report_date, channel, device_category, country)" in shown
    [sessions] = [line for line in shown.splitlines() if line.startswith(" sessions ")]
    assert "bigint" in sessions
    assert sessions.rstrip().endswith("Number of sessions.")
    tables = psql(server, demo_database, reader, r"\dt+")
    assert all(f" {name} " in tables for name in NAMES)
    assert "One row per visitor, robots included." in tables


def test_sqlalchemy_reflects_keys_types_and_comments_and_sums_to_the_penny(
    server: Server, demo_database: str, reader: tuple[str, str], duck: duckdb.DuckDBPyConnection
) -> None:
    url = server.tcp_url(demo_database, *reader).replace("postgresql:", "postgresql+psycopg:")
    engine = sa.create_engine(url)
    found = sa.inspect(engine)
    assert set(found.get_table_names("marts")) == NAMES
    assert found.get_pk_constraint("fct_orders", "marts")["constrained_columns"] == ["order_id"]
    assert found.get_table_comment("dim_visitors", "marts") == {
        "text": "One row per visitor, robots included."
    }
    columns = {column["name"]: column for column in found.get_columns("fct_orders", "marts")}
    assert isinstance(columns["net_sales"]["type"], sa.Numeric)
    assert (columns["net_sales"]["type"].precision, columns["net_sales"]["type"].scale) == (18, 2)
    assert isinstance(columns["order_date"]["type"], sa.Date)
    assert all(column["comment"] for column in columns.values())
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(sa.text(SALES))]
    engine.dispose()
    assert rows == duck.execute(SALES).fetchall()
    assert len(rows) > 50


@pytest.fixture(scope="module")
def odbc(server: Server, demo_database: str, reader: tuple[str, str]) -> Iterator[Any]:
    """A connection as Power BI and Excel make it."""
    driver, hint = "PostgreSQL Unicode", "Debian: apt-get install odbc-postgresql unixodbc"
    # Without the driver manager's library the module is there and cannot be imported.
    pyodbc = pytest.importorskip("pyodbc", reason=f"no ODBC ({hint})", exc_type=ImportError)
    if driver not in pyodbc.drivers():
        pytest.skip(f"no ODBC driver for PostgreSQL ({hint})")
    role, password = reader
    connection = pyodbc.connect(
        f"Driver={{{driver}}};Server=127.0.0.1;Port={server.port};Database={demo_database};"
        f"UID={role};PWD={password}"
    )
    yield connection
    connection.close()


def test_odbc_lists_the_catalogue(odbc: Any) -> None:
    tables = odbc.cursor().tables(schema="marts", tableType="TABLE").fetchall()
    assert {row.table_name for row in tables} == NAMES
    columns = {row.column_name: row for row in odbc.cursor().columns("fct_orders", schema="marts")}
    assert (columns["net_sales"].type_name, columns["net_sales"].decimal_digits) == ("numeric", 2)
    assert columns["order_date"].type_name == "date"
    keys = odbc.cursor().primaryKeys(table="rpt_traffic_daily", schema="marts").fetchall()
    assert [row.column_name for row in keys] == [
        *("report_date", "channel", "device_category", "country"),
    ]


def test_odbc_sums_to_the_penny(odbc: Any, duck: duckdb.DuckDBPyConnection) -> None:
    rows = [tuple(row) for row in odbc.cursor().execute(SALES).fetchall()]
    assert rows == duck.execute(SALES).fetchall()
    assert isinstance(rows[0][3], Decimal)


def test_the_cookbook_has_queries() -> None:
    assert len(BLOCKS) > 20


def comparable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row in which numbers are equal up to the 12th digit: the two add up doubles in any order.

    What is exact, whole numbers and money, has fewer digits and so is compared as it is.
    """
    return tuple(
        f"{float(value):.12g}"
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        else str(value)
        for value in row
    )


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_each_query_of_the_cookbook_gives_the_same_in_both(
    number: int, server: Server, demo_database: str, duck: duckdb.DuckDBPyConnection
) -> None:
    query = BLOCKS[number]
    here = duck.execute(query).fetchall()
    there = server.rows(demo_database, query)
    assert here
    assert Counter(map(comparable, there)) == Counter(map(comparable, here)), query
