"""Without consent nothing names a visitor past staging, and what needs no name still counts."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from tests.python.privacy.persons import as_table
from tests.python.warehouse import Project, Warehouse

LOADED_AT = datetime(2025, 1, 20, 3)
# All that a refused visit says of its visitor, each text nowhere else.
SECRETS = (
    *("secret-visitor", "secret-user", "secret-session-1", "secret-session-2", "secret-cart"),
    *("secret-gclid", "secret-fbclid", "secret-msclkid", "secret-order", "secret-search"),
    *("secret-title", "secret-query", "secret-city", "secret-coupon", "secret@mail.example"),
    *("+4917099999", "secret-agent 17.4.2", "secret-message-person"),
)


def event(number: int, hour: int, session: str, name: str = "page_view", **more: str) -> Any:
    """An event of a visitor who refused."""
    return {
        "event_id": f"event-{number}",
        "event_at": f"2025-01-10 {hour:02}:{number:02}:00",
        "event_name": name,
        "visitor_id": "secret-visitor",
        "user_id": "secret-user",
        "session_key": session,
        "page_url": "https://shop.example/a?mail=secret-query",
        "page_title": "secret-title",
        "city": "secret-city",
        "search_term": "secret-search",
        "coupon": "secret-coupon",
        "user_agent": "secret-agent 17.4.2",
        "age_bracket": "25-34",
        "consent_analytics": "false",
        **more,
    }


def events() -> list[dict[str, str]]:
    """Two visits of a visitor who refused, the second in a tracker that gave no session."""
    ids = {"gclid": "secret-gclid", "fbclid": "secret-fbclid", "msclkid": "secret-msclkid"}
    bought = {"transaction_id": "secret-order", "cart_id": "secret-cart", "value": "40"}
    return [
        event(1, 9, "secret-session-1", **ids),
        event(2, 9, "secret-session-1", "add_to_cart", cart_id="secret-cart"),
        event(3, 9, "secret-session-1", "purchase", **bought),
        event(4, 9, "secret-session-1", "purchase", **bought),  # sent twice
        event(5, 20, "secret-session-2"),
        event(6, 21, "", visitor_id="secret-visitor"),
        event(7, 21, ""),
        event(8, 9, "secret-session-1", value="forty"),  # rejected
        event(9, 9, "secret-session-1", consent_analytics="perhaps"),  # rejected
        {
            "event_id": "event-10",
            "event_at": "2025-01-10 09:10:00",
            "event_name": "page_view",
            "visitor_id": "open-visitor",
            "consent_analytics": "true",
        },
    ]


def rows() -> dict[str, list[dict[str, str]]]:
    """Rows of a shop with that visitor, by raw table."""
    refused = {"recorded_at": "2025-01-10 08:00:00", "consent_analytics": "false"}
    who = {"email": "secret@mail.example", "visitor_id": "secret-visitor", "cart_id": "secret-cart"}
    order = {"order_id": "secret-order", "ordered_at": "2025-01-10 09:03:30", "total": "50"}
    return {
        "web.events": events(),
        "web.consents": [
            {"subject_id": "secret-visitor", **refused},
            {"subject_id": "secret-visitor", **refused, "recorded_at": "never"},  # rejected
        ],
        "web.experiment_exposures": [
            {
                "experiment_id": "x",
                "unit_id": "secret-visitor",
                "variant": "a",
                "exposed_at": moment,
            }
            for moment in ("2025-01-10 09:00:00", "never")
        ],
        "shop.orders": [{**order, **who}, {**order, **who, "total": "much"}],
        "shop.order_lines": [
            {
                "order_line_id": "line",
                "order_id": "secret-order",
                "product_id": "p",
                "quantity": "1",
                "unit_price": "50",
            }
        ],
        "shop.customers": [
            {
                "customer_id": "c",
                "email": "secret@mail.example",
                "phone": "+4917099999",
                "created_at": moment,
            }
            for moment in ("2025-01-10 09:00:00", "never")
        ],
        "shop.messages": [
            {
                "message_id": "m",
                "person_key": "secret-message-person",
                "cart_id": "secret-cart",
                "sent_at": moment,
            }
            for moment in ("2025-01-11 09:00:00", "never")
        ],
    }


@pytest.fixture(scope="module")
def shop(parsed_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """That shop, built under the demo's key."""
    warehouse = Warehouse(parsed_project, tmp_path_factory.mktemp("shop"))
    for table, values in rows().items():
        warehouse.land(table, as_table(values), "rows.csv", LOADED_AT)
    warehouse.build(full_refresh=True)
    return warehouse


def found(warehouse: Warehouse, schemas: tuple[str, ...]) -> dict[str, set[str]]:
    """Secrets in the text columns of all tables of some schemas."""
    places: dict[str, set[str]] = {}
    tables = warehouse.query(
        "select schema_name || '.' || table_name from duckdb_tables()"
        f" where schema_name in {schemas} order by 1"
    )
    for name, rows_of_table in warehouse.read([name for (name,) in tables]).items():
        text = json.dumps(rows_of_table.to_pylist(), default=str)
        hits = {secret for secret in SECRETS if secret in text}
        if hits:
            places[name] = hits
    return places


def test_no_table_past_staging_holds_what_names_a_visitor_without_consent(shop: Warehouse) -> None:
    # The order itself is the shop's contract; its id is no visitor's.
    places = found(shop, ("intermediate", "marts", "semantic"))
    assert set().union(*places.values()) == {"secret-order"}
    tracked = {"int_purchases_tracked", "int_purchases_valued", "int_events_sessionized"}
    assert not {name for name in places if name.split(".")[1] in tracked}
    assert found(shop, ("marts",))["marts.fct_orders"] == {"secret-order"}


def test_sessions_purchases_and_money_count_without_consent(shop: Warehouse) -> None:
    sessions = shop.query(
        "select event_count, order_count, net_revenue, customer_id, is_first_session"
        " from marts.fct_sessions where visitor_id <> 'open-visitor' order by session_start_at"
    )
    assert [(row[0], row[1], float(row[2] or 0), row[3], row[4]) for row in sessions] == [
        (4, 1, 50.0, None, True),  # the order's own net sales, once
        (1, 0, 0.0, None, True),
        (2, 0, 0.0, None, True),
    ]
    assert shop.query(
        "select tracked_purchases, matched_purchases, orders, tracked_orders"
        " from marts.rpt_reconciliation_daily where orders > 0"
    ) == [(1, 1, 1, 1)]


def test_visits_cannot_be_tied_together(shop: Warehouse) -> None:
    visitors = shop.query(
        "select count(distinct visitor_id), count(*) from marts.fct_sessions"
        " where visitor_id like 'withheld-%'"
    )
    assert visitors == [(3, 3)]


def test_a_click_still_says_the_channel_and_the_agent_still_says_robot_or_not(
    shop: Warehouse,
) -> None:
    assert shop.query("select channel from marts.fct_sessions where order_count = 1") == [
        ("Paid Search",)
    ]
    stored = shop.query(
        "select distinct visit from intermediate.int_events_sessionized"
        " where visitor_id <> 'open-visitor' and visit is not null"
    )
    assert {agent for (visit,) in stored for agent in visit.split("\x1f") if agent} == {
        "secret-agent 0.0.0"
    }


def test_rejected_rows_keep_their_other_values(shop: Warehouse) -> None:
    rejected = dict(
        shop.query("select source_table || ' ' || reason, raw from marts.fct_rejected_rows")
    )
    event_row = json.loads(rejected["web.events value is not a number"])
    assert event_row["value"] == "forty"
    assert event_row["visitor_id"].startswith("withheld-")
    assert json.loads(rejected["shop.orders total is not a number"])["total"] == "much"
    assert (
        json.loads(rejected["shop.customers created_at is not a timestamp"])["customer_id"] == "c"
    )


def test_another_key_rebuilds_what_is_stored_and_mixes_nothing(
    shop: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "select visitor_id from intermediate.int_events_sessionized where event_id = 'event-1'"
    (before,) = shop.query(query)
    shop.build_state()
    assert shop.query(query) == [before]
    monkeypatch.setenv("SHOPTRACK_HASH_KEY", "another key of this test")
    shop.build_state()
    assert shop.query(query) != [before]
    shop.assert_exact(state_only=True)
