"""dunnhumby's households through the warehouse: docs/worked_example.md shows what they say.

Skipped where the data is absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pyarrow.parquet as pq
import pytest

from examples import dunnhumby
from shoptrack.contract import PROJECT_ROOT
from shoptrack.landing import land_file
from tests.python.conftest import NewWarehouse
from tests.python.documented_answers import assert_answers, queries
from tests.python.test_published_figures import reference
from tests.python.warehouse import Warehouse

DOCUMENT = PROJECT_ROOT / "docs" / "worked_example.md"
VARIABLES = {"store_timezone": "America/New_York"}


@pytest.fixture(scope="module")
def built(
    new_warehouse: NewWarehouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Warehouse]:
    raw = reference("dunnhumby/transactions.parquet").parent
    files = dunnhumby.write_mapped(raw, tmp_path_factory.mktemp("dunnhumby"))
    with new_warehouse() as warehouse:
        for table, file in files.items():
            land_file(warehouse.zone, table, file)
        documented = set(re.findall(r"\b(?:dim|fct|rpt)_\w+", DOCUMENT.read_text("utf-8")))
        warehouse.build([f"+{mart}" for mart in sorted(documented)], variables=VARIABLES)
        yield warehouse


def test_every_line_is_an_order_line_or_rejected_and_money_is_exact(built: Warehouse) -> None:
    raw = reference("dunnhumby/transactions.parquet")
    lines = built.query("select count(*) from marts.fct_order_lines")[0][0]
    rejected = built.query("select count(*) from marts.fct_rejected_rows")[0][0]
    assert (lines, rejected) == (359_381, 2_313)
    assert lines + rejected == pq.read_metadata(raw).num_rows
    differing = built.query(
        "select count(*) from marts.fct_order_lines as lines"
        f" join '{raw}' as raw on lines.order_line_id = concat(basket_id, '-', raw.product_id)"
        " where lines.net_sales <> cast(round(sales_value, 2) as decimal(18, 2))"
    )
    assert differing == [(0,)]


def test_the_last_evening_stays_in_its_year(built: Warehouse) -> None:
    found = built.query(
        "select count(*), count(distinct customer_id), max(order_date),"
        " cast(sum(discounts) as varchar) from marts.fct_orders"
    )
    assert found == [(38_179, 578, date(2017, 12, 31), "196754.32")]


def test_campaigns_have_their_recipients_and_redeemed_coupons(built: Warehouse) -> None:
    raw = reference("dunnhumby/campaigns.parquet")
    drawn = built.query(f"select 'campaign ' || campaign_id, count(*) from '{raw}' group by 1")
    found = built.query("select campaign, recipients from marts.rpt_message_response")
    assert dict(found) == dict(drawn)
    top = built.query(
        "select campaign, coupon_orders from marts.rpt_message_response order by 2 desc limit 3"
    )
    assert top == [("campaign 13", 81), ("campaign 18", 68), ("campaign 8", 62)]


def test_demographics_add_up_to_the_households(built: Warehouse) -> None:
    found = built.query(
        "select sum(customers), sum(orders), cast(sum(net_sales) as varchar),"
        " min(customers) from marts.rpt_customer_demographics"
    )
    assert found == [(578, 38_179, "1121550.78", 11)]


def test_the_documented_queries_have_the_documented_answers(built: Warehouse) -> None:
    assert len(queries(DOCUMENT)) >= 10
    with built.connection() as connection:
        assert_answers(DOCUMENT, connection)
