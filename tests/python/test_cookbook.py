"""docs/cookbook.md: every question is answered as it says, and rightly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from shoptrack.contract import PROJECT_ROOT
from shoptrack.public_marts import public_marts
from tests.python.documented_answers import assert_answers, queries

DOCUMENT = PROJECT_ROOT / "docs" / "cookbook.md"
QUESTION = re.compile(r"^### (?P<question>.+)\n\n(?:(?!```|#|\|).+\n)+\n```sql\n", re.MULTILINE)


@pytest.fixture(scope="module")
def copy(demo_copy: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo_copy), read_only=True) as connection:
        yield connection


def test_the_documented_queries_have_the_documented_answers(
    copy: duckdb.DuckDBPyConnection,
) -> None:
    assert_answers(DOCUMENT, copy)


def test_every_question_has_an_explanation_and_one_query() -> None:
    headings = re.findall(r"^### .+$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(set(headings)) == len(headings) >= 20
    assert [f"### {question}" for question in _questions()] == headings


def test_queries_read_marts_alone_and_nothing_personal(copy: duckdb.DuckDBPyConnection) -> None:
    marts = {mart.name: mart for mart in public_marts()}
    for query in queries(DOCUMENT):
        tables = copy.get_table_names(query)
        assert tables <= marts.keys(), query
        personal = {column for table in tables for column in marts[table].personal}
        assert not personal & set(re.findall(r"\w+", query)), query


def test_there_is_a_question_about_every_subject(copy: duckdb.DuckDBPyConnection) -> None:
    used = {table for query in queries(DOCUMENT) for table in copy.get_table_names(query)}
    folders = {path.stem: path.parent.name for path in _models()}
    assert {folders[table] for table in used} == set(folders.values())


# What a question's answer must add up to, found in another way: question, expression over its
# answer, the other way.
OTHER_WAYS = [
    (
        "Where do visitors come from, and which channels bring buyers?",
        "sum(sessions)",
        "select count(*) from fct_touchpoints where session_date > date '2025-03-03'",
    ),
    (
        "How many people visit in a month?",
        "list(visitors order by month)",
        "select list(visitors order by month) from (select month(session_date) as month,"
        " count(distinct visitor_id) as visitors from fct_touchpoints group by all)",
    ),
    (
        "Where does the funnel leak?",
        "list(sessions_closed order by sessions_closed desc)",
        "select list(sessions order by sessions desc) from (select count(*) as sessions"
        " from fct_funnel_sessions where is_closed_reached and not is_bot group by step)",
    ),
    (
        "How many carts are left, what were they worth, and what comes back?",
        "sum(abandoned_value)",
        "select sum(cart_value) from fct_carts where cart_state = 'abandoned'",
    ),
    (
        "What did we sell each month, from gross to net to total?",
        "list(gross_sales order by month)",
        "select list(gross_sales order by month) from (select month(order_date) as month,"
        " sum(cast(gross_sales * fx_rate as decimal(18, 2))) as gross_sales"
        " from fct_orders where is_sale group by all)",
    ),
    (
        "How much comes from new customers, and how much from those who return?",
        "sum(orders)",
        "select sum(orders) from rpt_sales_daily",
    ),
    (
        "Do customers stay? Retention by cohort",
        "max(percent_after_2_months)",
        "select cast(100 * count(distinct customer_id) / 324 as decimal(18, 1)) from fct_orders"
        " where is_sale and month(order_date) = 3 and customer_id in (select customer_id"
        " from fct_orders where is_first_order and month(order_date) = 1)",
    ),
    (
        "Which segments of customers matter?",
        "sum(net_sales)",
        "select sum(net_sales_reporting) from fct_orders where customer_id is not null",
    ),
    (
        "What is a customer worth, by the channel that won them?",
        "max(historic_clv)",
        "select sum(net_sales_reporting) from fct_orders inner join dim_customers"
        " using (customer_id) where acquisition_channel = 'Organic Search'",
    ),
    (
        "What comes back?",
        "sum(units)",
        "select sum(quantity) from fct_order_lines where is_sale and is_product",
    ),
    (
        "Which campaigns pay?",
        "sum(revenue)",
        "select sum(attributed_revenue) from fct_attribution where channel in"
        " ('Paid Search', 'Paid Social', 'Display') and attribution_model = 'last_non_direct'",
    ),
    (
        "Which channels get the credit: by first, last and Markov?",
        "[sum(first_touch), sum(last_touch), sum(last_non_direct), round(sum(markov))]",
        "select [n, n, n, n] from"
        " (select cast(count(*) as decimal(18, 1)) as n from fct_journeys where is_converted)",
    ),
]


@pytest.mark.parametrize(
    ("question", "total", "other_way"), OTHER_WAYS, ids=[way[0] for way in OTHER_WAYS]
)
def test_another_way_leads_to_the_same_number(
    copy: duckdb.DuckDBPyConnection, question: str, total: str, other_way: str
) -> None:
    answer = _questions()[question]
    (found,) = copy.execute(f"select {total} from ({answer})").fetchall()
    (expected,) = copy.execute(other_way).fetchall()
    assert found == expected


def _questions() -> dict[str, str]:
    text = DOCUMENT.read_text(encoding="utf-8")
    asked = [found["question"] for found in QUESTION.finditer(text)]
    return dict(zip(asked, queries(DOCUMENT), strict=True))


def _models() -> list[Path]:
    return list((PROJECT_ROOT / "models" / "marts").glob("*/*.sql"))
