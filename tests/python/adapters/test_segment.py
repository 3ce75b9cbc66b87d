"""Segment's messages give the events and customers that they speak of."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from shoptrack.landing import land_file
from tests.python.warehouse import Warehouse

NewWarehouse = Callable[..., AbstractContextManager[Warehouse]]
LOADED_AT = datetime(2025, 6, 2)
TYPED = (
    "event_at::timestamp as event_at, value::decimal(18, 4) as value,"
    " engagement_ms::bigint as engagement_ms, consent_analytics::boolean as consent_analytics,"
    " consent_ads::boolean as consent_ads"
)
STAGED = ["stg_landing__files", "+stg_segment__events"]
BUILT = [
    "stg_landing__files",
    "+fct_sessions",
    "+dim_customers",
    "+fct_rejected_rows",
    "+rpt_data_quality_daily",
]
SHIRT = {"product_id": "8001", "sku": "S-1", "name": "Shirt", "category": "Tops"}
PRODUCT = {**SHIRT, "price": 12.9, "quantity": 2, "currency": "eur"}
PRODUCTS = {
    "products": [{**SHIRT, "price": 12.9, "quantity": 2}, {"sku": "S-2", "price": "5.05"}],
    "currency": "EUR",
}
LIST_VALUE = Decimal("30.85")

# What the spec calls an event, what it says, and the contract's name, value and ids of items.
SPEC: list[tuple[str, Mapping[str, Any], str, Decimal | None, list[str]]] = [
    ("Products Searched", {"query": "rain jacket"}, "search", None, []),
    ("Product List Viewed", PRODUCTS, "view_item_list", None, ["8001", "S-2"]),
    ("Product List Filtered", PRODUCTS, "product_list_filtered", None, ["8001", "S-2"]),
    ("Promotion Viewed", {"promotion_id": "p"}, "view_promotion", None, []),
    ("Promotion Clicked", {"promotion_id": "p"}, "select_promotion", None, []),
    ("Product Clicked", PRODUCT, "select_item", None, ["8001"]),
    ("Product Viewed", PRODUCT, "view_item", Decimal("25.80"), ["8001"]),
    ("Product Viewed", {**PRODUCT, "value": 18.99}, "view_item", Decimal("18.99"), ["8001"]),
    ("Product Added", {**PRODUCT, "cart_id": "c"}, "add_to_cart", Decimal("25.80"), ["8001"]),
    ("Product Removed", PRODUCT, "remove_from_cart", Decimal("25.80"), ["8001"]),
    ("Cart Viewed", PRODUCTS, "view_cart", LIST_VALUE, ["8001", "S-2"]),
    ("Checkout Started", {**PRODUCTS, "value": 30}, "begin_checkout", Decimal(30), ["8001", "S-2"]),
    ("Checkout Step Viewed", {"step": 2}, "checkout_progress", None, []),
    ("Checkout Step Completed", {"step": 1}, "checkout_progress", None, []),
    ("Checkout Step Completed", {"shipping_method": "DHL"}, "add_shipping_info", None, []),
    (
        "Checkout Step Completed",
        {"shipping_method": "DHL", "payment_method": "Visa"},
        "add_payment_info",
        None,
        [],
    ),
    ("Payment Info Entered", {"payment_method": "Visa"}, "add_payment_info", None, []),
    (
        "Order Completed",
        {**PRODUCTS, "order_id": "2001", "total": 40, "revenue": 30.85, "tax": 4, "coupon": "TEN"},
        "purchase",
        LIST_VALUE,
        ["8001", "S-2"],
    ),
    ("Order Completed", {"total": 40, "subtotal": 31}, "purchase", Decimal(31), []),
    ("Order Updated", {**PRODUCTS, "total": 40}, "order_updated", Decimal(40), ["8001", "S-2"]),
    ("Order Refunded", {"order_id": "2001", "total": 30}, "refund", Decimal(30), []),
    ("Order Refunded", PRODUCTS, "refund", LIST_VALUE, ["8001", "S-2"]),
    ("Order Cancelled", {"total": 40}, "order_cancelled", Decimal(40), []),
    ("Coupon Entered", {"coupon_id": "TEN"}, "coupon_entered", None, []),
    ("Coupon Applied", {"coupon_id": "1", "coupon_name": "TEN"}, "coupon_applied", None, []),
    ("Coupon Denied", {"coupon": "TEN"}, "coupon_denied", None, []),
    ("Coupon Removed", {"coupon_id": "TEN"}, "coupon_removed", None, []),
    ("Product Added to Wishlist", PRODUCT, "add_to_wishlist", None, ["8001"]),
    (
        "Product Removed from Wishlist",
        PRODUCT,
        "product_removed_from_wishlist",
        None,
        ["8001"],
    ),
    ("Wishlist Product Added to Cart", PRODUCT, "add_to_cart", Decimal("25.80"), ["8001"]),
    ("Product Shared", PRODUCT, "share", None, ["8001"]),
    ("Cart Shared", PRODUCTS, "share", None, ["8001", "S-2"]),
    ("Product Reviewed", {"product_id": "8001"}, "product_reviewed", None, ["8001"]),
    ("Signed Up", {}, "sign_up", None, []),
    ("Viewed Product", PRODUCT, "view_item", Decimal("25.80"), ["8001"]),
    ("Completed Order", PRODUCTS, "purchase", LIST_VALUE, ["8001", "S-2"]),
    ("Size  Guide Opened", {}, "size_guide_opened", None, []),
]


def message(number: int, kind: str = "track", **more: Any) -> dict[str, Any]:
    """A message of one visitor, a minute after the one before."""
    at = datetime(2025, 6, 1, 10) + timedelta(minutes=number)
    sent = {"messageId": f"m{number:03d}", "type": kind, "anonymousId": "visitor"}
    return {**sent, "timestamp": f"{at.isoformat()}.250Z", "context": {}, **more}


def land(
    warehouse: Warehouse, messages: list[dict[str, Any]], name: str = "m", hours: int = 0
) -> None:
    """Land messages as JSON lines, the way that a destination writes them."""
    file = warehouse.folder / f"{name}.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in messages), encoding="utf-8")
    at = LOADED_AT + timedelta(hours=hours)
    land_file(warehouse.zone, "segment.events", file, loaded_at=at)


def staged(warehouse: Warehouse, columns: str) -> list[Any]:
    """Columns of the adapter's events as the contract will type them, by event."""
    return warehouse.query(
        f"select {columns} from (select * replace ({TYPED}) from staging.stg_segment__events)"
        " order by event_id"
    )


def test_every_event_of_the_spec_has_its_name_its_items_and_its_money(warehouse: Warehouse) -> None:
    tracked = [
        message(number, event=event, properties=properties)
        for number, (event, properties, *_) in enumerate(SPEC)
    ]
    land(warehouse, tracked)
    warehouse.build(STAGED)
    found = staged(warehouse, "event_name, value, items")
    assert [row[:2] for row in found] == [(name, value) for _, _, name, value, _ in SPEC]
    items = [json.loads(row[2] or "[]") for row in found]
    assert [[item["item_id"] for item in each] for each in items] == [ids for *_, ids in SPEC]
    assert items[9] == [
        {
            "item_id": "8001",
            "item_name": "Shirt",
            "item_category": "Tops",
            "price": "12.9",
            "quantity": "2",
        }
    ]
    orders = staged(warehouse, "event_name, transaction_id, coupon, currency")
    assert ("purchase", "2001", "TEN", "EUR") in orders
    assert ("refund", "2001", None, None) in orders
    assert ("view_item", None, None, "EUR") in orders
    assert {coupon for name, _, coupon, _ in orders if name.startswith("coupon")} == {"TEN"}
    assert staged(warehouse, "search_term")[0] == ("rain jacket",)


def test_a_page_message_carries_page_campaign_device_and_session(warehouse: Warehouse) -> None:
    url = "https://shop.example/a?utm_source=google&gclid=G-1&fbclid=F"
    context = {
        "page": {"url": url, "referrer": "https://google.com/", "title": "A", "path": "/a"},
        "campaign": {
            "source": "google",
            "medium": "cpc",
            "name": "spring",
            "term": "shirt",
            "content": "red",
        },
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
        "locale": "de-DE",
        "ip": "8.8.8.8",
        "sessionId": 1748772000,
        "device": {"type": "iOS"},
        "os": {"name": "iOS", "version": "18"},
        "location": {"country": "DE", "region": "Berlin", "city": "Berlin"},
    }
    clock = {"originalTimestamp": "2025-06-01T23:00:00Z", "sentAt": "2025-06-01T23:00:05Z"}
    land(warehouse, [message(1, "page", name="Home", userId="1001", context=context, **clock)])
    warehouse.build(STAGED)
    columns = (
        "event_name, event_at::varchar, visitor_id, user_id, session_key, page_url, page_title,"
        " page_referrer, utm_source, utm_medium, utm_campaign, utm_term, utm_content, gclid,"
        " fbclid, msclkid, device_category, operating_system, browser, language, country, region,"
        " city"
    )
    at = "2025-06-01 10:01:00.25"
    assert staged(warehouse, columns) == [
        (
            *("page_view", at, "visitor", "1001", "1748772000", url, "A", "https://google.com/"),
            *("google", "cpc", "spring", "shirt", "red", "G-1", "F", None),
            *("mobile", "iOS", "Edge", "de-DE", "DE", "Berlin", "Berlin"),
        )
    ]


def test_consent_is_that_of_the_categories_and_one_refusal_is_enough(warehouse: Warehouse) -> None:
    preferences: list[tuple[Mapping[str, Any] | None, tuple[bool | None, bool | None]]] = [
        ({"Advertising": False, "Analytics": True, "Functional": True}, (True, False)),
        ({"C0002": True, "C0004": True}, (True, True)),
        ({"Analytics": True, "Performance": False}, (False, None)),
        ({"Functional": True}, (None, None)),
        (None, (None, None)),
    ]
    sent = [
        message(number, "page", context={"consent": {"categoryPreferences": given}})
        for number, (given, _) in enumerate(preferences)
    ]
    land(warehouse, sent)
    warehouse.build(STAGED)
    columns = "consent_analytics, consent_ads"
    assert staged(warehouse, columns) == [expected for _, expected in preferences]
    names = {"consent_categories": {"analytics": ["functional"], "ads": ["it's"]}}
    warehouse.build(STAGED, variables=names)
    assert staged(warehouse, columns)[0] == (True, None)


def test_no_message_is_lost_and_what_is_no_event_is_a_customer_or_rejected(
    warehouse: Warehouse,
) -> None:
    sent = [
        message(1, "screen", name="Home"),
        message(2, "group", groupId="g", userId="1001"),
        message(3, "alias", previousId="x", userId="1001"),
        message(4, "identify", userId="1001", traits={"email": "a@mail.example"}),
        message(5, "identify", traits={"email": "b@mail.example"}),
        message(6, "delete"),
        message(7, event="Product Viewed", properties={"product_id": "1", "price": "free"}),
        message(8, event="Order Completed", properties={"revenue": "12,90 EUR"}),
        message(9, event="Product Viewed", anonymousId=None, userId="1001"),
        message(10, event=None),
        message(11, event="Product Viewed", timestamp="", receivedAt="2025-06-01T10:11:00Z"),
        {**message(12), "event": "Seen", "properties": "no object", "context": "none"},
    ]
    land(warehouse, sent)
    warehouse.build(BUILT)
    found = warehouse.query(
        "select source_row, reason from marts.fct_rejected_rows"
        " where source_table = 'segment.events' order by all"
    )
    assert found == [
        (5, "customer_id is missing"),
        (6, "event_name is missing"),
        (8, "value is not a number"),
        (9, "visitor_id is missing"),
        (10, "event_name is missing"),
    ]
    kept = warehouse.query(
        "select event_name from intermediate.int_events_sessionized order by event_id"
    )
    names = ["screen_view", "group", "alias", "view_item", "view_item", "seen"]
    assert [name for (name,) in kept] == names
    assert warehouse.query("select customer_id from marts.dim_customers") == [("1001",)]


def test_traits_add_up_to_one_customer_whichever_file_came_last(warehouse: Warehouse) -> None:
    account: dict[str, Any] = {
        "createdAt": "2025-01-05T08:00:00Z",
        "email": "Old@mail.example",
        "gender": "female",
    }
    account |= {"birthday": "1985-04-03", "address": {"country": "DE", "state": "Berlin"}}
    newer = message(50, "identify", userId="1001", traits={"email": "new@mail.example"})
    older = message(40, "identify", userId="1001", traits={**account, "phone": "+49 30 1"})
    land(warehouse, [newer], "newer")
    warehouse.build(BUILT)
    land(warehouse, [older], "older", hours=1)
    warehouse.build(BUILT)
    query = (
        "select distinct customer_id, created_at, country, region, birth_year, gender, email, phone"
        " from staging.stg_segment__customers"
    )
    assert warehouse.query(query) == [
        (
            *("1001", "2025-01-05T08:00:00Z", "DE", "Berlin", "1985", "female"),
            *("new@mail.example", "+49 30 1"),
        )
    ]
    known = (
        "select customer_id, created_at::date::varchar, country, gender from marts.dim_customers"
    )
    assert warehouse.query(known) == [("1001", "2025-01-05", "DE", "female")]


def test_a_message_that_comes_again_counts_once_and_late_ones_change_nothing_else(
    new_adapted: NewWarehouse,
) -> None:
    first = [message(n, "page") for n in range(0, 90, 10)]
    second = [message(20, "page"), *(message(n, event="Product Viewed") for n in (95, 45, 200))]
    with new_adapted("events") as piecemeal:
        land(piecemeal, second, "second", hours=3)
        piecemeal.build_state()
        land(piecemeal, first, "first", hours=1)
        piecemeal.build(BUILT)
        assert piecemeal.query("select count(*) from intermediate.int_events_sessionized") == [
            (12,)
        ]
        assert piecemeal.query("select sum(event_count) from marts.fct_sessions") == [(12,)]
        land(piecemeal, [message(1000, "page"), *second], "third", hours=30)
        piecemeal.build(BUILT)
        with new_adapted() as whole:
            whole.take(piecemeal.zone, piecemeal.landed())
            whole.build(BUILT)
            assert piecemeal.difference(whole, ["marts.fct_sessions"]) == ""
            assert piecemeal.difference(whole, ["marts.rpt_data_quality_daily"]) == ""


def test_the_adapters_unit_tests_pass(warehouse: Warehouse) -> None:
    models = ["path:models/staging/segment"]
    warehouse.build(["stg_landing__files", "+path:models/staging/segment"])
    assert warehouse.run_unit_tests(models) >= 4
