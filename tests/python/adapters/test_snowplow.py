"""Snowplow's canonical events, in both of its formats, give the events that they tell of."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shoptrack.contract import PROJECT_ROOT
from shoptrack.landing import RefusedFileError, land_file
from tests.python.warehouse import Warehouse

NewWarehouse = Callable[..., AbstractContextManager[Warehouse]]
Event = Mapping[str, Any]
LOADED_AT = datetime(2025, 6, 2)
TYPED = (
    "event_at::timestamp as event_at, value::decimal(18, 4) as value,"
    " engagement_ms::bigint as engagement_ms, consent_analytics::boolean as consent_analytics,"
    " consent_ads::boolean as consent_ads"
)
STAGED = ["stg_landing__files", "+stg_snowplow__events"]
BUILT = [
    "stg_landing__files",
    "+fct_sessions",
    "+fct_rejected_rows",
    "+rpt_data_quality_daily",
]
HEADER_FILE = PROJECT_ROOT / "examples" / "snowplow_enriched_header.tsv"
HEADER = HEADER_FILE.read_text(encoding="utf-8").rstrip("\n").split("\t")
ECOMMERCE = "com.snowplowanalytics.snowplow.ecommerce"
SNOWPLOW = "com.snowplowanalytics.snowplow"
ACTION = f"{ECOMMERCE}/snowplow_ecommerce_action"
SCHEMAS = {
    "product": f"{ECOMMERCE}/product",
    "cart": f"{ECOMMERCE}/cart",
    "transaction": f"{ECOMMERCE}/transaction",
    "refund": f"{ECOMMERCE}/refund",
    "checkout_step": f"{ECOMMERCE}/checkout_step",
    "screen_summary": "com.snowplowanalytics.mobile/screen_summary",
    "consent_preferences": f"{SNOWPLOW}/consent_preferences",
    "web_page": f"{SNOWPLOW}/web_page",
    "yauaa": "nl.basjes/yauaa_context",
}
SHIRT = {"id": "8001", "name": "Shirt", "category": "Tops", "currency": "EUR"}
ONE = {"product": [{**SHIRT, "price": 12.9, "quantity": 2}]}
TWO = {"product": [*ONE["product"], {**SHIRT, "id": "8002", "price": 5.05, "list_price": 7}]}
CART = {"cart": [{"cart_id": "c", "total_value": 99.5, "currency": "EUR"}]}
SALE = {
    "transaction": [
        {
            **{"transaction_id": "2001", "revenue": 30.85, "currency": "EUR", "tax": 4},
            **{"payment_method": "card", "discount_code": "TEN"},
        }
    ]
}
REFUND = {"refund": [{"transaction_id": "2001", "refund_amount": 12.9, "currency": "EUR"}]}


def step(number: int, **more: str) -> dict[str, Any]:
    """Entity of a step of the checkout."""
    return {"checkout_step": [{"step": number, **more}]}


# The type of an action, its entities, and the contract's name, value and ids of items.
ACTIONS: list[tuple[str, Mapping[str, Any], str, Decimal | None, list[str]]] = [
    ("product_view", ONE, "view_item", Decimal("25.80"), ["8001"]),
    ("list_view", TWO, "view_item_list", None, ["8001", "8002"]),
    ("list_click", ONE, "select_item", None, ["8001"]),
    ("promo_view", {}, "view_promotion", None, []),
    ("promo_click", {}, "select_promotion", None, []),
    ("add_to_cart", {**ONE, **CART}, "add_to_cart", Decimal("25.80"), ["8001"]),
    ("remove_from_cart", {**ONE, **CART}, "remove_from_cart", Decimal("25.80"), ["8001"]),
    ("checkout_step", {**step(1), **CART}, "begin_checkout", Decimal("99.50"), []),
    ("checkout_step", {**step(2, shipping_postcode="1"), **TWO}, "add_shipping_info", None, []),
    ("checkout_step", step(2, delivery_method="DHL"), "add_shipping_info", None, []),
    ("checkout_step", step(2, account_type="guest"), "checkout_progress", None, []),
    (
        "checkout_step",
        step(3, delivery_method="DHL", payment_method="card"),
        "add_payment_info",
        None,
        [],
    ),
    ("transaction", {**SALE, **TWO, **CART}, "purchase", Decimal("30.85"), ["8001", "8002"]),
    ("refund", {**REFUND, **ONE}, "refund", Decimal("12.90"), ["8001"]),
    ("trns_error", SALE, "payment_error", Decimal("30.85"), []),
    ("new_one", {}, "new_one", None, []),
]
ACTIONS[8] = (*ACTIONS[8][:3], Decimal("30.85"), ["8001", "8002"])


def event(number: int, kind: str = "page_view", **more: Any) -> dict[str, Any]:
    """An event of one visitor, a minute after the one before.

    `described` is its self-describing event, as a schema and what it says; `entities` are lists by
    the names of SCHEMAS. All else are atomic columns.
    """
    at = datetime(2025, 6, 1, 10) + timedelta(minutes=number)
    return {
        "event_id": f"e{number:03d}",
        "event": kind,
        "event_name": kind,
        "collector_tstamp": f"{at + timedelta(hours=3)}.100",
        "derived_tstamp": f"{at}.250",
        "domain_userid": "visitor",
        **more,
    }


def action(number: int, kind: str, entities: Event, **more: Any) -> dict[str, Any]:
    """An event of the e-commerce plugin."""
    described = (ACTION, {"type": kind})
    name = "snowplow_ecommerce_action"
    return event(
        number, "unstruct", event_name=name, described=described, entities=entities, **more
    )


def enriched(row: Event) -> str:
    """A line of the enriched format: what is nested is in three columns, nothing is quoted."""
    atomic = {name: value for name, value in row.items() if name in HEADER}
    entities: Event = row.get("entities", {})
    for column, is_derived in (("contexts", False), ("derived_contexts", True)):
        data = [
            {"schema": f"iglu:{SCHEMAS[name]}/jsonschema/1-0-0", "data": one}
            for name, some in entities.items()
            for one in some
            if (name == "yauaa") == is_derived
        ]
        if data:
            schema = f"iglu:{SNOWPLOW}/contexts/jsonschema/1-0-0"
            atomic[column] = json.dumps({"schema": schema, "data": data})
    if "described" in row:
        schema, said = row["described"]
        inner = {"schema": f"iglu:{schema}/jsonschema/1-0-2", "data": said}
        outer = {"schema": f"iglu:{SNOWPLOW}/unstruct_event/jsonschema/1-0-0", "data": inner}
        atomic["unstruct_event"] = json.dumps(outer)
    return "\t".join(str(atomic.get(name, "")) for name in HEADER)


def own_column(kind: str, schema: str) -> str:
    """Column of an entity or self-describing event in Parquet."""
    return f"{kind}_{schema.replace('.', '_').replace('/', '_')}_1"


def loaded(rows: Sequence[Event]) -> pa.Table:
    """Rows as a loader writes them: typed, with a nested column for each entity."""
    written = []
    for row in rows:
        one = {name: value for name, value in row.items() if name in HEADER}
        for name in ("collector_tstamp", "derived_tstamp"):
            one[name] = datetime.fromisoformat(one[name]) if one.get(name) else None
        for name, some in row.get("entities", {}).items():
            one[own_column("contexts", SCHEMAS[name])] = some
        if "described" in row:
            schema, said = row["described"]
            one[own_column("unstruct_event", schema)] = said
        written.append(one)
    names = dict.fromkeys(name for row in written for name in row)
    return pa.table({name: [row.get(name) for row in written] for name in names})


def land(
    warehouse: Warehouse,
    rows: Sequence[Event],
    name: str = "e",
    hours: int = 0,
    kind: str = "tsv",
) -> None:
    """Land events in one of the formats."""
    file = warehouse.folder / f"{name}.{kind}"
    if kind == "tsv":
        lines = ["\t".join(HEADER), *(enriched(row) for row in rows)]
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    else:
        pq.write_table(loaded(rows), file)
    at = LOADED_AT + timedelta(hours=hours)
    land_file(warehouse.zone, "snowplow.events", file, loaded_at=at)


def staged(warehouse: Warehouse, columns: str) -> list[Any]:
    """Columns of the adapter's events as the contract will type them, by event."""
    return warehouse.query(
        f"select {columns} from (select * replace ({TYPED}) from staging.stg_snowplow__events)"
        " order by event_id"
    )


ALL_COLUMNS = "* exclude (raw_row, _source_file)"


@pytest.mark.parametrize("kind", ["tsv", "parquet"])
def test_every_action_has_its_name_its_items_and_its_money(warehouse: Warehouse, kind: str) -> None:
    rows = [action(n, name, entities) for n, (name, entities, *_) in enumerate(ACTIONS)]
    land(warehouse, rows, kind=kind)
    warehouse.build(STAGED)
    found = staged(warehouse, "event_name, value, items")
    assert [row[:2] for row in found] == [(name, value) for _, _, name, value, _ in ACTIONS]
    items = [json.loads(row[2] or "[]") for row in found]
    assert [[item["item_id"] for item in each] for each in items] == [ids for *_, ids in ACTIONS]
    shirt = {"item_id": "8001", "item_name": "Shirt", "item_category": "Tops"}
    assert items[0] == [{**shirt, "price": "12.9", "quantity": "2"}]
    orders = staged(warehouse, "event_name, transaction_id, coupon, currency, cart_id")
    assert ("purchase", "2001", "TEN", "EUR", "c") in orders
    assert ("refund", "2001", None, "EUR", None) in orders
    assert ("add_to_cart", None, None, "EUR", "c") in orders


def one_of_each() -> list[dict[str, Any]]:
    """Events of all kinds, with all that the adapter reads."""
    agent = {"deviceClass": "Phone", "operatingSystemName": "iOS", "agentName": "Safari"}
    consent = {"event_type": "allow_selected", "consent_scopes": ["necessary", "analytics"]}
    page = {
        "web_page": [{"id": "c6ef3124-b53a-4b13-a233-0088f79dcbcb"}],
        "yauaa": [agent],
        "consent_preferences": [consent],
    }
    url = "https://shop.example/a?utm_source=google&gclid=G-1&fbclid=F"
    atomic = {
        "user_id": "1001",
        "domain_sessionid": "s-1",
        "page_url": url,
        "page_title": 'The "best" shirt, ever',
        "page_referrer": "https://google.com/",
        "mkt_source": "google",
        "mkt_medium": "cpc",
        "mkt_campaign": "spring",
        "mkt_clickid": "G-2",
        "mkt_network": "Google",
        "geo_country": "DE",
        "geo_region_name": "Berlin",
        "geo_city": "Berlin",
        "br_lang": "de-DE",
        "useragent": "Mozilla/5.0",
    }
    search = (f"{SNOWPLOW}/site_search", {"terms": ["rain", "jacket"], "totalResults": 3})
    legacy = {"tr_orderid": "2002", "tr_total": "10.00", "tr_currency": "EUR"}
    sold = {"ti_orderid": "2002", "ti_sku": "8001", "ti_name": "Shirt", "ti_price": "5.00"}
    ended = {"screen_summary": [{"foreground_sec": 12.345, "background_sec": 2}]}
    return [
        event(0, entities=page, **atomic),
        event(1, "page_ping"),
        event(2, "struct", event_name="event", se_category="a", se_action="Size  Guide"),
        event(3, "unstruct", event_name="site_search", described=search),
        event(4, "unstruct", event_name="screen_end", entities=ended),
        event(5, "transaction", **legacy),
        event(6, "transaction_item", **sold, ti_quantity="2", ti_currency="EUR"),
        event(7, "unstruct", event_name="link_click"),
        event(8, "unstruct", event_name="scratched"),
        event(9, derived_tstamp="", dvce_type="Computer", os_family="Linux", br_family="Firefox"),
        action(10, "transaction", {**SALE, **TWO, **CART}),
    ]


def test_both_formats_of_one_export_give_the_same_events(new_adapted: NewWarehouse) -> None:
    with new_adapted() as text, new_adapted() as typed:
        land(text, one_of_each())
        land(typed, one_of_each(), kind="parquet")
        text.build(STAGED)
        typed.build(STAGED)
        found = staged(text, ALL_COLUMNS)
        assert len(found) == 11
        assert found == staged(typed, ALL_COLUMNS)


def test_each_kind_of_event_carries_what_it_says(warehouse: Warehouse) -> None:
    land(warehouse, one_of_each())
    warehouse.build(STAGED)
    found = staged(warehouse, "event_name, value, engagement_ms, transaction_id, search_term")
    assert found == [
        ("page_view", None, None, None, None),
        ("user_engagement", None, 10_000, None, None),
        ("size_guide", None, None, None, None),
        ("search", None, None, None, "rain jacket"),
        ("user_engagement", None, 12_345, None, None),
        ("purchase", Decimal(10), None, "2002", None),
        ("transaction_item", Decimal(10), None, "2002", None),
        ("click", None, None, None, None),
        ("scratched", None, None, None, None),
        ("page_view", None, None, None, None),
        ("purchase", Decimal("30.85"), None, "2001", None),
    ]
    columns = (
        "event_at::varchar, visitor_id, user_id, session_key, page_url, page_title, page_referrer,"
        " utm_source, utm_medium, utm_campaign, gclid, fbclid, msclkid, device_category,"
        " operating_system, browser, user_agent, country, region, city, language,"
        " consent_analytics, consent_ads"
    )
    at = "2025-06-01 10:00:00.25"
    title = 'The "best" shirt, ever'
    url = "https://shop.example/a?utm_source=google&gclid=G-1&fbclid=F"
    rows = staged(warehouse, columns)
    assert rows[0] == (
        *(at, "visitor", "1001", "s-1", url, title, "https://google.com/"),
        *("google", "cpc", "spring", "G-2", "F", None, "mobile", "iOS", "Safari", "Mozilla/5.0"),
        *("DE", "Berlin", "Berlin", "de-DE", True, False),
    )
    assert rows[9][0] == "2025-06-01 13:09:00.1"
    assert rows[9][13:16] == ("desktop", "Linux", "Firefox")
    warehouse.build(STAGED, variables={"snowplow_heartbeat_seconds": 5})
    assert staged(warehouse, "engagement_ms")[1] == (5_000,)


def test_consent_is_that_of_the_event_itself_or_of_its_entity(warehouse: Warehouse) -> None:
    schema = SCHEMAS["consent_preferences"]
    given: list[tuple[dict[str, Any], tuple[bool | None, bool | None]]] = [
        ({"event_type": "allow_all"}, (True, True)),
        ({"event_type": "deny_all", "consent_scopes": ["analytics"]}, (False, False)),
        ({"event_type": "withdrawn"}, (False, False)),
        ({"event_type": "pending", "consent_scopes": ["analytics"]}, (None, None)),
        ({"eventType": "allow_selected", "consentScopes": ["Marketing"]}, (False, True)),
        ({"event_type": "allow_selected"}, (None, None)),
    ]
    rows = []
    for number, (said, _) in enumerate(given):
        decided = {"event_name": "consent_preferences", "described": (schema, said)}
        rows.append(event(2 * number, "unstruct", **decided))
        rows.append(event(2 * number + 1, entities={"consent_preferences": [said]}))
    land(warehouse, rows)
    warehouse.build(STAGED)
    expected = [consent for _, consent in given for _ in range(2)]
    assert staged(warehouse, "consent_analytics, consent_ads") == expected
    assert staged(warehouse, "event_name")[0] == ("consent_preferences",)


def test_a_copy_counts_once_and_another_event_with_the_same_id_counts_too(
    warehouse: Warehouse,
) -> None:
    first = event(1, event_fingerprint="f1")
    copy = event(1, event_fingerprint="f1", collector_tstamp="2025-06-01 20:00:00")
    other = event(1, event_fingerprint="f2", page_url="https://shop.example/b")
    land(warehouse, [first, copy, other, event(2), event(2)])
    warehouse.build(BUILT)
    query = "select event_id from intermediate.int_events_sessionized order by event_id"
    assert warehouse.query(query) == [("e001-f1",), ("e001-f2",), ("e002",)]


def test_what_cannot_be_used_is_rejected_and_nothing_is_lost(warehouse: Warehouse) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    broken = event(7, contexts='{"data": [', derived_contexts="[1]", unstruct_event="no JSON")
    rows = [
        event(0, domain_userid="", network_userid="n-1"),
        event(1, domain_userid="", network_userid=nobody),
        event(2, derived_tstamp="2025-02-30 25:61:00"),
        event(3, event_id=""),
        event(4, "struct"),
        action(5, "transaction", {"transaction": [{"revenue": "12,90 EUR"}]}),
        event(
            6,
            "unstruct",
            event_name="screen_end",
            entities={"screen_summary": [{"foreground_sec": "long"}]},
        ),
        {**broken, "event": "page_view"},
        action(8, "product_view", {"product": [{"id": "8001", "price": "free"}]}),
    ]
    land(warehouse, rows)
    warehouse.build(BUILT)
    rejected = warehouse.query(
        "select source_row, reason from marts.fct_rejected_rows"
        " where source_table = 'snowplow.events' order by all"
    )
    assert rejected == [
        (2, "visitor_id is missing"),
        (3, "event_at is not a timestamp"),
        (4, "event_id is missing"),
        (5, "event_name is missing"),
        (6, "value is not a number"),
        (7, "engagement_ms is not a whole number"),
    ]
    [(raw,)] = warehouse.query("select raw from marts.fct_rejected_rows where source_row = 6")
    assert json.loads(raw)["event_id"] == "e005"
    assert "entities" not in json.loads(raw)
    kept = (
        "select visitor_id, event_name from intermediate.int_events_sessionized order by event_id"
    )
    assert warehouse.query(kept) == [
        ("n-1", "page_view"),
        ("visitor", "page_view"),
        ("visitor", "view_item"),
    ]


def test_late_files_of_either_format_give_what_all_files_at_once_give(
    new_adapted: NewWarehouse,
) -> None:
    first = [event(n) for n in range(0, 90, 10)]
    second = [event(20), *(action(n, "product_view", ONE) for n in (95, 45, 200))]
    with new_adapted("events") as piecemeal, new_adapted() as whole:
        land(piecemeal, second, "second", hours=3, kind="parquet")
        piecemeal.build_state()
        land(piecemeal, first, "first", hours=1)
        piecemeal.build_state()
        land(piecemeal, [event(1000), *second], "third", hours=30)
        piecemeal.build(BUILT)
        whole.take(piecemeal.zone, piecemeal.landed())
        whole.build(BUILT)
        for mart in ("fct_sessions", "rpt_data_quality_daily", "fct_rejected_rows"):
            assert piecemeal.difference(whole, [f"marts.{mart}"]) == ""
        assert piecemeal.query("select sum(event_count) from marts.fct_sessions") == [(13,)]


def test_a_file_without_a_header_is_refused_and_read_after_the_example_header(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    file = tmp_path / "enriched.tsv"
    file.write_text(f"{enriched(event(1))}\n", encoding="utf-8")
    with pytest.raises(RefusedFileError, match="the first line names no column of snowplow"):
        land_file(warehouse.zone, "snowplow.events", file)
    file.write_text(HEADER_FILE.read_text("utf-8") + file.read_text("utf-8"), encoding="utf-8")
    assert land_file(warehouse.zone, "snowplow.events", file).row_count == 1
    assert len(HEADER) == len(set(HEADER)) == 131


def test_the_adapters_unit_tests_pass(warehouse: Warehouse) -> None:
    models = ["path:models/staging/snowplow"]
    warehouse.build(["stg_landing__files", "+path:models/staging/snowplow"])
    assert warehouse.run_unit_tests(models) >= 4
