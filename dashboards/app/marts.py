"""Reading the published copy: opened once per version of the file, each result cached with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd
import streamlit as st

QUERIES = Path(__file__).parent / "queries"
_TRIES = 5
_MART = re.compile(r"\b(?:from|join)\s+((?:fct|dim|rpt)_\w+)")
_PARAMETER = re.compile(r"\$(\w+)")
_LISTS = ("channels", "devices", "countries")
_EVENTS, _ORDERS = ("web.events",), ("shop.orders",)
# The raw tables without which a mart stays empty.
_FILLED_BY = {
    **dict.fromkeys(
        (
            *("rpt_traffic_daily", "rpt_audience_daily", "rpt_page_transitions_daily"),
            *("rpt_funnel_daily", "rpt_cart_abandonment_daily", "fct_carts", "fct_cart_follow_ups"),
            *("rpt_channel_attribution", "rpt_path_conversion", "rpt_journey_lengths"),
        ),
        _EVENTS,
    ),
    **dict.fromkeys(
        (
            *("rpt_sales_daily", "fct_sales_ledger", "fct_orders", "dim_customers"),
            *("fct_customer_value", "fct_customer_churn", "rpt_cohort_retention"),
            *("rpt_churn_calibration", "fct_demand_forecast", "rpt_product_affinity"),
        ),
        _ORDERS,
    ),
    "rpt_product_daily": (*_EVENTS, *_ORDERS),
    "rpt_product_performance": (*_EVENTS, *_ORDERS),
    "rpt_reconciliation_daily": (*_EVENTS, *_ORDERS),
    "rpt_data_quality_daily": (*_EVENTS, *_ORDERS),
    "rpt_campaign_daily": ("shop.ad_spend", *_EVENTS),
    "rpt_inventory_health": ("shop.inventory_snapshots",),
    "rpt_price_elasticity": ("shop.product_prices",),
    "rpt_cart_reminder_effect": ("shop.messages",),
    "rpt_experiment_results": ("web.experiment_exposures",),
}


class NoCopyError(RuntimeError):
    """There is no published copy that can be read; the message says what to do."""


class NoDataError(RuntimeError):
    """A query has nothing to show; the message says why."""


class Identity(NamedTuple):
    """One version of the file: a copy that is published anew has another one."""

    path: str
    modified_ns: int
    inode: int
    size: int


@dataclass(frozen=True)
class About:
    """Where the copy is from; the moment in UTC, the currency by ISO 4217 or None."""

    published_at: datetime
    currency: str | None


@dataclass(frozen=True)
class Marts:
    """An open version of the published copy; rows per mart, as DuckDB keeps count of them."""

    identity: Identity
    connection: duckdb.DuckDBPyConnection
    about: About
    row_counts: Mapping[str, int]


@dataclass(frozen=True)
class Query:
    """A query in `queries/`, the marts it reads and the parameters it takes."""

    name: str
    sql: str
    marts: tuple[str, ...]
    parameters: frozenset[str]


@cache
def query(name: str) -> Query:
    """Return a query by its folder and name, such as `funnel/steps`."""
    sql = (QUERIES / f"{name}.sql").read_text(encoding="utf-8")
    code = re.sub(r"--[^\n]*", "", sql)
    marts = tuple(dict.fromkeys(_MART.findall(code)))
    return Query(name, sql, marts, frozenset(_PARAMETER.findall(code)))


def current_marts(path: Path) -> Marts:
    """Return the copy that is published now. Raises NoCopyError where there is none to read."""
    for _ in range(_TRIES):
        identity = _identity(path)
        try:
            marts = _open(identity)
        except duckdb.Error as error:
            if _identity(path) == identity:
                raise NoCopyError(f"{path} cannot be read: {error}") from error
            continue
        if _identity(path) == identity:  # else it was swapped between the look and the opening
            return marts
        _open.clear(identity)
    raise NoCopyError(f"{path} changes all the time: reload the page")


def read(marts: Marts, query: Query, parameters: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of a query. Raises NoDataError where a mart is missing or there are no rows.

    parameters: values by name; those that the query does not take are left out.
    """
    missing = [mart for mart in query.marts if mart not in marts.row_counts]
    if missing:
        raise NoDataError(f"No data: needs {', '.join(missing)}, not in the published copy.")
    given = {name: parameters[name] for name in sorted(query.parameters)}
    frame = _rows(marts.identity, query.sql, tuple(given.items()), marts)
    unfilled = [mart for mart in query.marts if not marts.row_counts[mart]]
    facts = [mart for mart in query.marts if not mart.startswith("dim_")] or query.marts
    if set(facts) <= set(unfilled) or (frame.empty and unfilled):
        raise NoDataError(f"No data: needs {_needed(unfilled)}.")
    if frame.empty:
        raise NoDataError("Nothing in this period, or with these filters.")
    return frame


def _needed(unfilled: Sequence[str]) -> str:
    """Say which marts are empty and what a shop would land to fill them."""
    landed = {table: None for mart in unfilled for table in _FILLED_BY.get(mart, ())}
    tables = f"; land {' or '.join(landed)}" if landed else ""
    return f"{', '.join(unfilled)}, which {'is' if len(unfilled) == 1 else 'are'} empty{tables}"


def _identity(path: Path) -> Identity:
    try:
        found = path.stat()
    except OSError as error:
        raise NoCopyError(f"There is no published copy at {path} yet.") from error
    return Identity(str(path), found.st_mtime_ns, found.st_ino, found.st_size)


# The one before stays open for those who still read it.
@st.cache_resource(max_entries=2, show_spinner=False)
def _open(identity: Identity) -> Marts:
    """Attach the file to a DuckDB of its own: two openings of a path in one would be the same."""
    _rows.clear()  # else results of copies that nobody reads any more would stay
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
    path = identity.path.replace("'", "''")
    connection.execute(f"attach '{path}' as published (read_only)")
    connection.execute("use published")
    (about,) = connection.execute(
        "select published_at, reporting_currency from about.published_copy"
    ).fetchall()
    rows = connection.execute(
        "select table_name, estimated_size from duckdb_tables()"
        " where database_name = 'published' and schema_name = 'main'"
    ).fetchall()
    return Marts(identity, connection, About(*about), dict(rows))


@st.cache_data(max_entries=1000, show_spinner=False)
def _rows(
    identity: Identity, sql: str, parameters: tuple[tuple[str, Any], ...], _marts: Marts
) -> pd.DataFrame:
    cursor = _marts.connection.cursor()  # connections are not for several threads
    cursor.execute("use published")
    bound = {
        name: duckdb.Value(list(value), "VARCHAR[]") if name in _LISTS else value
        for name, value in parameters
    }
    return cursor.execute(sql, bound).df()


def days_of(frame: pd.DataFrame) -> tuple[date, date] | None:
    """Return the oldest and newest day of a query of bounds, None where it found none."""
    oldest, newest = frame.iloc[0]["oldest"], frame.iloc[0]["newest"]
    return None if pd.isna(oldest) else (oldest.date(), newest.date())
