"""Small published copies, written directly."""

from __future__ import annotations

from pathlib import Path

import duckdb

SMALL = """
    create table fct_orders as
    select
        'o' || n as order_id,
        'c' || n % 3 as customer_id,
        date '2025-01-31' - cast(n % 5 as integer) as order_date,
        cast({worth} as decimal(18, 2)) as net_sales
    from range({orders}) as numbers(n)
    order by order_date, order_id;
    create table rpt_sales_daily as
    select order_date as report_date, 'EUR' as currency, sum(net_sales) as net_sales
    from fct_orders group by order_date order by order_date;
    comment on table fct_orders is 'One row per order; it''s a table';
    comment on column fct_orders.net_sales is 'What the shop''s books say';
"""
TOTALS = """
    select (select sum(net_sales) from marts.fct_orders),
    (select sum(net_sales) from marts.rpt_sales_daily)
"""
_ABOUT = """
    create schema about;
    create table about.published_copy as
    select
        timestamp '2025-02-01 03:00' as published_at, '1' as shoptrack_version,
        'b' as build_id, 'EUR' as reporting_currency;
"""


def write_copy(path: Path, statements: str) -> Path:
    """Write a copy whose marts the statements make."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(statements)
        connection.execute(_ABOUT)
    return path


def small_copy(path: Path, orders: int = 10, worth: float = 5, more: str = "") -> Path:
    """Write orders and their sales by day; `more` are further statements."""
    return write_copy(path, SMALL.format(orders=orders, worth=worth) + more)
