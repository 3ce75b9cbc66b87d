"""The headline figures of a built warehouse, read from its public marts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

import duckdb

from shoptrack.spark_tables import SparkTablesError, reading, show_tables
from shoptrack.warehouse import describe_open_error

Kind = Literal["count", "share", "money", "moment"]


class NoStatusError(RuntimeError):
    """There is nothing to read, or it cannot be read now; the message says what to do."""


@dataclass(frozen=True)
class Figure:
    """One number: a query of one value, and how that value is written."""

    label: str
    kind: Kind
    query: str


@dataclass(frozen=True)
class Status:
    """What was read: (label, text) per figure, and (table, reason, rows) per kind of rejection.

    unbuilt: labels of the figures whose marts do not exist yet.
    """

    figures: list[tuple[str, str]]
    rejections: list[tuple[str, str, int]]
    unbuilt: list[str]


_DIGITS = {"count": 0, "share": 6, "money": 2}
_SESSIONS = "from fct_sessions where not is_bot"
_SALES = "from fct_orders where is_sale"

FIGURES = (
    Figure("sessions", "count", f"select count(*) {_SESSIONS}"),
    Figure("visitors", "count", "select count(*) from dim_visitors where not is_bot"),
    Figure(
        "session conversion rate",
        "share",
        f"select count(*) filter (where has_purchase) / nullif(count(*), 0) {_SESSIONS}",
    ),
    Figure("orders", "count", f"select count(*) {_SALES}"),
    Figure("gross sales", "money", f"select sum(gross_sales * fx_rate) {_SALES}"),
    Figure("net sales", "money", f"select sum(net_sales_reporting) {_SALES}"),
    Figure(
        "average order value",
        "money",
        f"select sum((gross_sales - discounts) * fx_rate) / nullif(count(*), 0) {_SALES}",
    ),
    Figure(
        "customers who ordered",
        "count",
        "select count(*) from dim_customers where order_count > 0",
    ),
    Figure("newest event", "moment", f"select max(session_end_at) {_SESSIONS}"),
    Figure("rejected rows", "count", "select count(*) from fct_rejected_rows"),
)

_CURRENCIES = (
    "select reporting_currency from intermediate.int_reporting_currency",
    "select reporting_currency from about.published_copy",
)
_REJECTIONS = """
    select source_table, reason, count(*) as row_count
    from fct_rejected_rows
    group by source_table, reason
    order by row_count desc, source_table, reason
"""


def read_status(warehouse: Path) -> Status:
    """Read all figures whose marts exist, from the warehouse or from a published copy.

    Raises NoStatusError when there is no warehouse, no mart in it, or a build holds it.
    """
    with _opened(warehouse) as connection:
        currency = str(next(filter(None, (_value(connection, q) for q in _CURRENCIES)), ""))
        figures, unbuilt = [], []
        for figure in FIGURES:
            try:
                value = connection.execute(figure.query).fetchall()[0][0]
            except (duckdb.CatalogException, duckdb.BinderException):
                unbuilt.append(figure.label)
                continue
            figures.append((figure.label, _text(value, figure.kind, currency)))
        if not figures:
            raise NoStatusError(f"{warehouse} holds no marts yet: run dbt build first")
        has_rejections = "rejected rows" not in unbuilt
        rejections = connection.execute(_REJECTIONS).fetchall() if has_rejections else []
    return Status(figures, rejections, unbuilt)


def read_numbers(database: Path) -> dict[str, float]:
    """Return the headline figures as plain numbers, without those that are unknown or moments.

    Raises NoStatusError as `read_status` does.
    """
    with _opened(database) as connection:
        values = [
            (figure, _value(connection, figure.query))
            for figure in FIGURES
            if figure.kind != "moment"
        ]
    return {
        figure.label: round(float(value), _DIGITS[figure.kind])
        for figure, value in values
        if isinstance(value, int | float | Decimal)
    }


def read_published_at(copy: Path) -> datetime:
    """Return when a published copy was made, in UTC.

    Raises NoStatusError when the file cannot be read or is no published copy.
    """
    with _opened(copy) as connection:
        moment = _value(connection, "select published_at from about.published_copy")
    if not isinstance(moment, datetime):
        raise NoStatusError(f"{copy} is no published copy")
    return moment


def _value(connection: duckdb.DuckDBPyConnection, query: str) -> object:
    try:
        return connection.execute(query).fetchall()[0][0]
    except (duckdb.CatalogException, duckdb.BinderException, IndexError):
        return None


def _text(value: int | float | Decimal | datetime | None, kind: Kind, currency: str) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if kind == "share":
        return f"{value:.2%}"
    return f"{value:,.2f} {currency}".strip() if kind == "money" else f"{value:,}"


@contextmanager
def _opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    if not warehouse.exists():
        raise NoStatusError(f"there is no warehouse at {warehouse} yet: run dbt build first")
    if warehouse.is_dir():
        try:
            with reading(warehouse), duckdb.connect() as connection:
                show_tables(connection, warehouse)
                _refuse_running_build(connection, warehouse)
                yield _at_marts(connection)
        except SparkTablesError as error:
            raise NoStatusError(str(error)) from error
        return
    try:
        connection = duckdb.connect(str(warehouse), read_only=True)
    except duckdb.Error as error:
        raise NoStatusError(describe_open_error(str(warehouse), error)) from error
    with connection:
        yield _at_marts(connection)


def _at_marts(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Let names without a schema be those of marts; a copy holds them in its main schema."""
    schemas = connection.execute("select schema_name from information_schema.schemata").fetchall()
    if ("marts",) in schemas:
        connection.execute("set schema = 'marts'")
    return connection


def _refuse_running_build(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """Nobody holds Spark's tables, so what is noted says whether they are being changed."""
    unfinished = "select count(*) from bookkeeping.build_results where status = 'unfinished'"
    if _value(connection, unfinished):
        raise NoStatusError(
            f"the warehouse {warehouse} is in use by a build, or one did not end: unless one is"
            " running, run dbt build"
        )
