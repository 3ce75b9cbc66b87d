"""Shopify's exports in three shapes give orders, refunds, customers, products and stock, once."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from shoptrack.contract import adapter_tables
from shoptrack.landing import RefusedFileError, land_file
from tests.python.test_published_figures import reference
from tests.python.warehouse import Warehouse

NewWarehouse = Callable[[], AbstractContextManager[Warehouse]]
Row = dict[str, Any]
Tables = dict[str, list[Row]]
LOADED_AT = datetime(2025, 6, 1, 2)
ORDERED_AT = "2025-05-01T10:00:00+02:00"
SALES = [
    "stg_landing__files",
    "+fct_orders",
    "+fct_order_lines",
    "+fct_refunds",
    "+fct_sales_ledger",
    "+rpt_reconciliation_daily",
    "+fct_rejected_rows",
]
SALES_MARTS = [
    f"marts.{name}" for name in ("fct_orders", "fct_order_lines", "fct_refunds", "fct_sales_ledger")
]
RECONCILIATIONS = [
    "money_in_equals_money_out",
    "order_lines_add_up_to_their_orders",
    "line_discounts_add_up_to_the_order",
    "every_landed_shop_row_is_accounted_for",
]
AMOUNTS = ("gross_sales", "discounts", "returns", "tax", "shipping", "total_sales")


# What the Admin API gives.


def line(number: str, quantity: int, price: str, **more: Any) -> Row:
    """A line of an order: its number is its id, its product and its variant."""
    given = {"tax": "0.00", "discounts": (), **more}
    return {
        "id": f"30{number}",
        "product_id": f"70{number}",
        "variant_id": f"80{number}",
        "sku": f"SKU-{number}",
        "name": f"Thing {number}",
        "quantity": quantity,
        "price": price,
        "gift_card": False,
        "discount_allocations": [{"amount": amount} for amount in given.pop("discounts")],
        "tax_lines": [{"price": given.pop("tax")}],
        **given,
    }


def order(number: int, lines: Sequence[Row], totals: str, **more: Any) -> Row:
    """An order with `totals`, blank-separated: subtotal, tax, shipping, total."""
    subtotal, tax, shipping, total = totals.split()
    gross = sum(Decimal(each["price"]) * each["quantity"] for each in lines)
    lacks = {"shipping_discount": "0.00", "shipping_tax": "0.00", **more}
    price = Decimal(shipping) + Decimal(lacks["shipping_discount"])
    delivery = {
        "id": f"60{number}",
        "price": str(price),
        "discounted_price": shipping,
        "tax_lines": [{"price": lacks.pop("shipping_tax")}],
    }
    discount = gross - Decimal(subtotal) + Decimal(lacks.pop("shipping_discount"))
    return {
        "id": f"20{number}",
        "name": f"#{number}",
        "created_at": ORDERED_AT,
        "processed_at": ORDERED_AT,
        "updated_at": "2025-05-01T11:00:00+02:00",
        "cancelled_at": None,
        "financial_status": "paid",
        "currency": "EUR",
        "subtotal_price": subtotal,
        "total_line_items_price": str(gross),
        "total_discounts": str(discount),
        "total_tax": tax,
        "total_price": total,
        "taxes_included": False,
        "test": False,
        "email": "Ada@Example.com",
        "cart_token": f"cart{number}",
        "customer": {"id": 15},
        "shipping_address": {"country_code": "DE"},
        "discount_codes": [{"code": "SPRING"}] if discount else [],
        "note_attributes": [{"name": "visitor_id", "value": f"v{number}"}],
        "shipping_lines": [delivery],
        "line_items": list(lines),
        "refunds": [],
        **lacks,
    }


def refund(number: int, order_id: str, lines: Sequence[Row] = (), **more: Any) -> Row:
    """A refund of an order that was paid back on 10 May."""
    return {
        "id": f"40{number}",
        "order_id": order_id,
        "created_at": "2025-05-10T09:00:00Z",
        "processed_at": "2025-05-10T09:00:00Z",
        "note": "too small",
        "refund_line_items": list(lines),
        "order_adjustments": [],
        "transactions": [{"kind": "refund"}],
        **more,
    }


def returned(number: int, line_id: str, quantity: int, subtotal: str, tax: str) -> Row:
    """A refunded line."""
    return {
        "id": f"50{number}",
        "line_item_id": line_id,
        "quantity": quantity,
        "restock_type": "return",
        "subtotal": subtotal,
        "total_tax": tax,
    }


def adjusted(number: int, kind: str, amount: str, tax: str = "0.00") -> Row:
    """An amount of a refund that no line has."""
    return {"id": f"61{number}", "kind": kind, "amount": amount, "tax_amount": tax}


def with_refunds(an_order: Row, *refunds: Row) -> Row:
    """The order with refunds in it."""
    return {**an_order, "refunds": list(refunds)}


TAXED = {"taxes_included": True}
CANCELLED = {"cancelled_at": "2025-05-03T08:00:00Z"}

DISCOUNTED = order(
    1,
    [
        line("1", 2, "10.00", discounts=("1.00", "0.33"), tax="1.87"),
        line("2", 1, "5.00", discounts=("0.17",), tax="0.48"),
    ],
    "23.50 2.65 3.00 29.15",
    shipping_discount="1.00",
    shipping_tax="0.30",
)
INCLUDING_TAX = order(
    2,
    [line("3", 1, "119.00", discounts=("11.90",), tax="17.10")],
    "107.10 18.05 5.95 113.05",
    shipping_tax="0.95",
    **TAXED,
)
CANCELLED_UNPAID = order(3, [line("4", 1, "8.00")], "8.00 0.00 2.00 10.00", **CANCELLED)
CANCELLED_REFUNDED = with_refunds(
    order(4, [line("5", 2, "8.00", tax="1.60")], "16.00 1.60 2.00 19.60", **CANCELLED),
    refund(
        1,
        "204",
        [returned(1, "305", 2, "16.00", "1.60")],
        order_adjustments=[adjusted(1, "shipping_refund", "-2.00")],
        created_at="2025-05-03T08:00:00Z",
        processed_at="2025-05-03T08:00:00Z",
    ),
)
VOIDED = order(5, [line("6", 1, "9.00")], "9.00 0.00 0.00 9.00", financial_status="voided")
TEST = order(6, [line("7", 1, "9.00")], "9.00 0.00 0.00 9.00", test=True)
GIFT_CARD = order(
    7,
    [line("8", 1, "50.00", gift_card=True), line("9", 1, "20.00")],
    "70.00 0.00 0.00 70.00",
)
# Of a line of 3 for 35.70 with 5.70 of tax one comes back, and 2 lines less a fee of 5.00.
PARTLY_REFUNDED = with_refunds(
    order(
        8,
        [line("10", 3, "11.90", tax="5.70"), line("11", 1, "5.95", tax="0.95")],
        "41.65 7.60 5.95 47.60",
        shipping_tax="0.95",
        **TAXED,
    ),
    refund(
        2,
        "208",
        [
            returned(2, "3010", 1, "11.90", "1.90"),
            returned(3, "3011", 1, "5.95", "0.95"),
        ],
        order_adjustments=[
            adjusted(2, "shipping_refund", "-5.00", "-0.95"),
            adjusted(3, "refund_discrepancy", "5.00"),
        ],
    ),
)
GOODWILL = with_refunds(
    order(9, [line("12", 1, "30.00")], "30.00 0.00 0.00 30.00"),
    refund(3, "209", order_adjustments=[adjusted(4, "refund_discrepancy", "-10.00")]),
)
# 3 of the first line were ordered and 1 taken away, the second was taken away, the third added.
EDITED = with_refunds(
    order(
        10,
        [
            line("13", 3, "10.00", discounts=("3.00",), tax="5.13", current_quantity=2),
            line("14", 1, "7.00", tax="1.33", current_quantity=0),
            line("15", 1, "4.00", tax="0.76", current_quantity=1),
        ],
        "38.00 7.22 0.00 45.22",
    ),
    refund(
        4,
        "2010",
        [returned(4, "3013", 1, "9.00", "1.71"), returned(5, "3014", 1, "7.00", "1.33")],
        transactions=[],
    ),
)
FOREIGN = order(
    11,
    [
        line(
            "16",
            1,
            "9.20",
            price_set={
                "shop_money": {"amount": "9.20", "currency_code": "EUR"},
                "presentment_money": {"amount": "10.00", "currency_code": "USD"},
            },
        )
    ],
    "9.20 0.00 0.00 9.20",
    presentment_currency="USD",
    total_price_set={
        "shop_money": {"amount": "9.20", "currency_code": "EUR"},
        "presentment_money": {"amount": "10.00", "currency_code": "USD"},
    },
)
CUSTOM_ITEM = order(
    12,
    [line("17", 1, "3.00", product_id=None, variant_id=None, sku="")],
    "3.00 0.00 0.00 3.00",
)
ALL = (
    *(DISCOUNTED, INCLUDING_TAX, CANCELLED_UNPAID, CANCELLED_REFUNDED, VOIDED, TEST),
    *(GIFT_CARD, PARTLY_REFUNDED, GOODWILL, EDITED, FOREIGN, CUSTOM_ITEM),
)


def land_resources(warehouse: Warehouse, table: str, rows: Sequence[Row], hours: int = 0) -> None:
    """Land resources as JSON lines, which only the landing itself can read."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{table}_{hours}.jsonl"
        file.write_text("\n".join(json.dumps(row) for row in rows))
        land_file(
            warehouse.zone, f"shopify.{table}", file, loaded_at=LOADED_AT + timedelta(hours=hours)
        )


def amounts(warehouse: Warehouse, an_order: Row) -> dict[str, str]:
    """What an order came to, by name, without what is 0."""
    [found] = warehouse.query(
        f"select {', '.join(AMOUNTS)} from marts.fct_orders where order_id = '{an_order['id']}'"
    )
    return {name: str(value) for name, value in zip(AMOUNTS, found, strict=True) if value}


@pytest.fixture(scope="module")
def api_shop(new_adapted: NewWarehouse) -> Iterator[Warehouse]:
    """All orders as resources of the Admin API, each refund within its order, built."""
    with new_adapted() as built:
        land_resources(built, "orders", ALL)
        built.build(SALES)
        yield built


EXPECTED: dict[str, tuple[Row, dict[str, str]]] = {
    "discounts of lines are allocated and those of shipping are not": (
        DISCOUNTED,
        {"gross_sales": "25.00", "discounts": "1.50", "tax": "2.65", "shipping": "3.00"}
        | {"total_sales": "29.15"},
    ),
    "tax in prices and in shipping is taken out of both": (
        INCLUDING_TAX,
        {"gross_sales": "101.90", "discounts": "11.90", "tax": "18.05", "shipping": "5.00"}
        | {"total_sales": "113.05"},
    ),
    "a cancelled order is a sale and a return": (
        CANCELLED_UNPAID,
        {"gross_sales": "8.00", "returns": "8.00"},
    ),
    "the refund of a cancelled order is its return": (
        CANCELLED_REFUNDED,
        {"gross_sales": "16.00", "returns": "16.00"},
    ),
    "a voided order sells nothing": (VOIDED, {}),
    "a test sells nothing": (TEST, {}),
    "a gift card is no sale": (GIFT_CARD, {"gross_sales": "20.00", "total_sales": "20.00"}),
    # 47.60 less 11.90 + 5.95 + 5.95 that were given back and 5.00 that were not.
    "a partial refund returns lines, their tax and shipping less what was held back": (
        PARTLY_REFUNDED,
        {"gross_sales": "35.00", "returns": "10.00", "tax": "3.80", "total_sales": "28.80"},
    ),
    "money given for nothing that came back is a return": (
        GOODWILL,
        {"gross_sales": "30.00", "returns": "10.00", "total_sales": "20.00"},
    ),
    "what an edit took away was not sold": (
        EDITED,
        {"gross_sales": "24.00", "discounts": "2.00", "tax": "4.18", "total_sales": "26.18"},
    ),
    "money is the shop's": (FOREIGN, {"gross_sales": "9.20", "total_sales": "9.20"}),
    "an item without a product is a sale": (
        CUSTOM_ITEM,
        {"gross_sales": "3.00", "total_sales": "3.00"},
    ),
}


@pytest.mark.parametrize("case", EXPECTED)
def test_money_of_an_order_is_counted_as_shopify_does(api_shop: Warehouse, case: str) -> None:
    an_order, expected = EXPECTED[case]
    assert amounts(api_shop, an_order) == expected


def test_what_orders_state_is_what_was_counted_and_nothing_is_lost(api_shop: Warehouse) -> None:
    assert api_shop.query("select * from marts.fct_rejected_rows") == []
    assert api_shop.run_data_tests(RECONCILIATIONS) == len(RECONCILIATIONS)
    [totals] = api_shop.query(
        "select sum(stated_total), sum(computed_total), sum(gift_card_sales),"
        " sum(total_difference) from marts.rpt_reconciliation_daily"
    )
    # What the edit took away, 16.00 and 3.04 of tax, was not stated either.
    stated = sum(Decimal(each["total_price"]) for each in ALL if each not in (VOIDED, TEST))
    assert totals[0] == stated - Decimal("19.04")
    assert totals[0] == totals[1] + totals[2]
    assert totals[2:] == (Decimal("50.00"), Decimal("0.00"))


def test_lines_and_refunds_carry_what_the_api_says_of_them(api_shop: Warehouse) -> None:
    lines = api_shop.query(
        "select order_line_id, product_id, title, quantity, discounts, tax"
        " from marts.fct_order_lines where order_id in ('2010', '2012') order by all"
    )
    assert lines == [
        ("3013", "7013", "Thing 13", 2, Decimal("2.00"), Decimal("3.42")),
        ("3015", "7015", "Thing 15", 1, Decimal("0.00"), Decimal("0.76")),
        ("3017", "Thing 17", "Thing 17", 1, Decimal("0.00"), Decimal("0.00")),
    ]
    refunds = api_shop.query(
        "select refund_line_id, order_line_id, quantity, returns, tax, shipping, reason,"
        " is_restocked, refund_date::varchar from marts.fct_refunds"
        " where order_id in ('208', '209', '2010') order by all"
    )
    # The fee of 5.00 is shared by lines of 10.00 and 5.00.
    assert refunds == [
        ("403-adjustment", None, 0, Decimal("10.00"), 0, 0, "too small", False, "2025-05-10"),
        ("502", "3010", 1, Decimal("6.67"), Decimal("2.85"), 5, "too small", True, "2025-05-10"),
        ("503", "3011", 1, Decimal("3.33"), Decimal("0.95"), 0, "too small", True, "2025-05-10"),
    ]


def test_an_order_carries_customer_cart_visitor_coupon_and_country(api_shop: Warehouse) -> None:
    [found] = api_shop.query(
        "select customer_id, cart_id, visitor_id, coupon, country, currency, ordered_at::varchar"
        " from marts.fct_orders where order_id = '201'"
    )
    assert found == ("15", "cart1", "v1", "SPRING", "DE", "EUR", "2025-05-01 08:00:00")


# The loader's tables.


def loaded_tables(orders: Sequence[Row]) -> Tables:
    """The same orders as Fivetran's tables; it does not tell edits from refunds."""
    tables: Tables = {name: [] for name in LOADED}
    for each in orders:
        ids = {"order_id": each["id"]}
        nested = {name for name, value in each.items() if isinstance(value, (list, dict))}
        plain = {name: value for name, value in each.items() if name not in nested}
        address = {"shipping_address_country_code": each["shipping_address"]["country_code"]}
        tables["order"].append({**plain, **address, "customer_id": each["customer"]["id"]})
        codes = enumerate(each["discount_codes"], start=1)
        tables["order_discount_code"] += [{**ids, "index": at, **code} for at, code in codes]
        tables["order_note_attribute"] += [{**ids, **note} for note in each["note_attributes"]]
        for sold in each["line_items"]:
            row = {k: v for k, v in sold.items() if not isinstance(v, (list, dict))}
            tables["order_line"].append({**ids, **row})
            own = {"order_line_id": sold["id"]}
            shares = enumerate(sold["discount_allocations"])
            tables["discount_allocation"] += [{**own, "index": at, **part} for at, part in shares]
            taxes = enumerate(sold["tax_lines"], start=1)
            tables["tax_line"] += [{**own, "index": at, **part} for at, part in taxes]
        for shipped in each["shipping_lines"]:
            row = {k: v for k, v in shipped.items() if k != "tax_lines"}
            tables["order_shipping_line"].append({**ids, **row})
            taxes = enumerate(shipped["tax_lines"], start=1)
            own = {"order_shipping_line_id": shipped["id"]}
            tables["order_shipping_tax_line"] += [{**own, "index": at, **t} for at, t in taxes]
        for paid_back in each["refunds"]:
            row = {k: v for k, v in paid_back.items() if not isinstance(v, list)}
            tables["refund"].append(row)
            own = {"refund_id": paid_back["id"]}
            for part in paid_back["refund_line_items"]:
                row = {**own, **part, "order_line_id": part["line_item_id"]}
                tables["order_line_refund"].append(row)
            for part in paid_back["order_adjustments"]:
                tables["order_adjustment"].append({**own, **ids, **part})
    return tables


LOADED = (
    *("order", "order_line", "discount_allocation", "tax_line", "order_shipping_line"),
    *("order_shipping_tax_line", "order_discount_code", "order_note_attribute"),
    *("refund", "order_line_refund", "order_adjustment"),
)
SYNCED = {"_fivetran_synced": "2025-05-31 01:00:00"}


def land_loaded(warehouse: Warehouse, orders: Sequence[Row], hours: int = 0) -> None:
    """Land orders as the loader's tables."""
    for table, rows in loaded_tables(orders).items():
        if rows:
            texts = [{k: v if v is None else str(v) for k, v in row.items()} for row in rows]
            moment = LOADED_AT + timedelta(hours=hours)
            synced = [{**row, **SYNCED} for row in texts]
            warehouse.land(f"shopify.{table}", synced, f"{table}.csv", moment)


NOT_EDITED = tuple(each for each in ALL if each is not EDITED)


@pytest.fixture(scope="module")
def plain_shop(new_adapted: NewWarehouse) -> Iterator[Warehouse]:
    """The orders that nobody edited, as resources of the Admin API, built."""
    with new_adapted() as built:
        land_resources(built, "orders", NOT_EDITED)
        built.build(SALES)
        yield built


def test_the_loaders_tables_give_the_sales_of_the_admin_api(
    plain_shop: Warehouse, warehouse: Warehouse
) -> None:
    land_loaded(warehouse, NOT_EDITED)
    warehouse.build(SALES)
    assert warehouse.difference(plain_shop, SALES_MARTS) == ""
    assert warehouse.query("select * from marts.fct_rejected_rows") == []
    assert warehouse.run_data_tests(RECONCILIATIONS) == len(RECONCILIATIONS)


# The admin's CSV.


def exported_rows(orders: Sequence[Row]) -> list[Row]:
    """The same orders as the admin's CSV: a row per line, the order's values in the first."""
    rows = []
    for each in orders:
        own = {
            "Id": each["id"],
            "Financial Status": each["financial_status"],
            "Currency": each["currency"],
            "Subtotal": each["subtotal_price"],
            "Shipping": each["shipping_lines"][0]["discounted_price"],
            "Taxes": each["total_tax"],
            "Total": each["total_price"],
            "Discount Code": "SPRING",
            "Discount Amount": each["total_discounts"],
            "Shipping Country": "DE",
            "Cancelled at": each["cancelled_at"],
            "Note Attributes": f"gift: no\nvisitor_id: v{each['name'][1:]}\n",
            "Refunded Amount": str(each.get("refunded", "0.00")),
        }
        for at, sold in enumerate(each["line_items"]):
            row = {
                "Name": each["name"],
                "Email": each["email"],
                "Created at": "2025-05-01 10:00:00 +0200",
                "Lineitem quantity": str(sold["quantity"]),
                "Lineitem name": sold["name"],
                "Lineitem price": sold["price"],
                "Lineitem sku": sold["sku"],
                "Lineitem discount": "0.00",
                "Lineitem taxable": "true",
            }
            rows.append({**row, **(own if at == 0 else dict.fromkeys(own))})
    return rows


# What was given back in all; the CSV says no more of it.
REFUNDED = {"204": "19.60", "208": "18.80", "209": "10.00"}
EXPORTED = tuple(
    {**each, "refunded": REFUNDED.get(each["id"], "0.00")}
    for each in (DISCOUNTED, INCLUDING_TAX, CANCELLED_REFUNDED, PARTLY_REFUNDED, GOODWILL, VOIDED)
)


def test_the_admins_csv_gives_the_same_orders_to_the_cent(warehouse: Warehouse) -> None:
    warehouse.land("shopify.orders_export", exported_rows(EXPORTED), "orders.csv", LOADED_AT)
    warehouse.build(SALES)
    for each in (DISCOUNTED, INCLUDING_TAX, CANCELLED_REFUNDED, GOODWILL, VOIDED):
        [(_, expected)] = [found for found in EXPECTED.values() if found[0] is each]
        if each is INCLUDING_TAX:
            # Without the tax of shipping, which the CSV does not tell, it is all the lines'.
            expected = {**expected, "gross_sales": "100.95", "shipping": "5.95"}
        assert amounts(warehouse, each) == expected, each["name"]
    paid = amounts(warehouse, PARTLY_REFUNDED)
    assert Decimal(paid["total_sales"]) == Decimal("47.60") - Decimal(REFUNDED["208"])
    assert warehouse.query("select * from marts.fct_rejected_rows") == []
    assert warehouse.run_data_tests(RECONCILIATIONS) == len(RECONCILIATIONS)
    lines = warehouse.query(
        "select order_line_id, product_id, gross_sales, discounts, tax, order_date::varchar"
        " from marts.fct_order_lines where order_id = '201' order by all"
    )
    # The order's discount of 1.50 and tax of 2.65 by the value of its lines, 20.00 and 5.00.
    day = "2025-05-01"
    assert lines == [
        ("201-1", "SKU-1", Decimal("20.00"), Decimal("1.20"), Decimal("2.12"), day),
        ("201-2", "SKU-2", Decimal("5.00"), Decimal("0.30"), Decimal("0.53"), day),
    ]
    [visitor] = warehouse.query("select visitor_id from marts.fct_orders where order_id = '201'")
    assert visitor == ("v1",)


def test_an_order_of_several_shapes_counts_once_whatever_comes_first(
    plain_shop: Warehouse, warehouse: Warehouse
) -> None:
    warehouse.land("shopify.orders_export", exported_rows(EXPORTED), "orders.csv", LOADED_AT)
    warehouse.build_state()
    land_loaded(warehouse, NOT_EDITED, hours=3)
    land_resources(warehouse, "refunds", PARTLY_REFUNDED["refunds"], hours=1)
    warehouse.build_state()
    land_resources(warehouse, "orders", NOT_EDITED, hours=2)
    again = [{**row, "Lineitem discount": "0"} for row in exported_rows(EXPORTED)]
    warehouse.land("shopify.orders_export", again, "again.csv", LOADED_AT + timedelta(hours=4))
    warehouse.build(SALES)
    assert warehouse.difference(plain_shop, SALES_MARTS) == ""
    assert warehouse.run_data_tests(RECONCILIATIONS) == len(RECONCILIATIONS)


def test_the_newest_version_of_an_order_counts_with_its_lines_whatever_comes_last(
    warehouse: Warehouse,
) -> None:
    first = order(1, [line("1", 1, "10.00"), line("2", 1, "5.00")], "15.00 0.00 0.00 15.00")
    newer = order(1, [line("1", 2, "10.00")], "20.00 0.00 0.00 20.00")
    newer |= {"updated_at": "2025-05-02T00:00:00Z"}
    spoilt = {**newer, "updated_at": "2025-05-03T00:00:00Z", "total_price": "n/a"}
    wrong = {**newer, "line_items": [line("9", 0, "1.00")], "updated_at": "2025-04-30T00:00:00Z"}
    for hour, version in enumerate((newer, spoilt, first, wrong)):
        land_resources(warehouse, "orders", [version], hours=hour)
    warehouse.build(SALES)
    assert amounts(warehouse, newer) == {"gross_sales": "20.00", "total_sales": "20.00"}
    lines = "select order_line_id, quantity from marts.fct_order_lines"
    assert warehouse.query(lines) == [("301", 2)]
    rejected = warehouse.query(
        "select source_table, reason from marts.fct_rejected_rows order by 2"
    )
    assert rejected == [
        ("shopify.orders", "quantity is not above 0"),
        ("shopify.orders", "total is not a number"),
    ]


def test_the_loaders_sample_tables_build(warehouse: Warehouse) -> None:
    folder = reference("shopify_raw")
    rows: dict[str, Path] = {}
    for name in adapter_tables():
        source, table = name.split(".")
        file = folder / f"shopify_{table}_data.csv"
        if source == "shopify" and file.exists():
            land_file(warehouse.zone, name, file)
            rows[table] = file
    assert len(rows) == 17
    warehouse.build([*SALES, "+dim_customers", "+dim_products"])
    for table, mart in (("order", "fct_orders"), ("customer", "dim_customers")):
        ids = f"select distinct id from read_csv('{rows[table]}', all_varchar = true)"
        known = {id for (id,) in warehouse.query(f"select {mart[4:-1]}_id from marts.{mart}")}
        assert {id for (id,) in duckdb.sql(ids).fetchall()} <= known
    lines = duckdb.sql(f"select count(*) from read_csv('{rows['order_line']}')").fetchall()
    assert warehouse.query("select count(*) from marts.fct_order_lines") == lines
    assert warehouse.run_data_tests(RECONCILIATIONS) == len(RECONCILIATIONS)


def test_a_loaders_table_is_not_taken_for_the_admin_apis(tmp_path: Path) -> None:
    file = tmp_path / "order.csv"
    file.write_text("id,created_at,total_price\n1,2025-05-01,9\n")
    with pytest.raises(RefusedFileError, match="line_items"):
        land_file(tmp_path / "zone", "shopify.orders", file)


def test_products_prices_stock_and_customers_come_from_their_resources(
    warehouse: Warehouse,
) -> None:
    variant = {"id": 81, "inventory_item_id": 91, "sku": "S", "title": "Red", "price": "12.00"}
    variant |= {"compare_at_price": "15.00", "updated_at": "2025-04-20T00:00:00Z"}
    product: Row = {"id": 71, "title": "Cup", "vendor": "Acme", "product_type": "Cups"}
    product |= {"updated_at": "2025-05-02T00:00:00Z", "variants": [variant]}
    older: Row = {
        **product,
        "title": "Mug",
        "updated_at": "2025-05-01T00:00:00Z",
        "variants": [{**variant, "price": "10.00", "updated_at": "2025-04-01T00:00:00Z"}],
    }
    quantities = [{"name": "on_hand", "quantity": 5}, {"name": "committed", "quantity": 2}]
    level = {"inventory_item_id": 91, "location_id": 1, "available": 3, "quantities": quantities}
    unknown = {**level, "inventory_item_id": 92}
    bare = {"inventory_item_id": 91, "location_id": 2, "available": 7}
    buyer = {"id": 15, "email": "a@b.example", "created_at": "2025-01-01T00:00:00Z"}
    buyer |= {"default_address": {"country_code": "DE", "province": "Berlin"}}
    subscribed = {"updated_at": "2025-05-02", "email_marketing_consent": {"state": "subscribed"}}
    land_resources(warehouse, "products", [product])
    land_resources(warehouse, "products", [older], hours=1)
    land_resources(warehouse, "inventory_items", [{"id": 91, "cost": "4.50"}])
    land_resources(warehouse, "inventory_levels", [level, unknown, bare])
    land_resources(warehouse, "customers", [{**buyer, **subscribed}, {"id": None, "email": "x"}])
    land_resources(warehouse, "customers", [{**buyer, "updated_at": "2025-05-01"}], hours=1)
    land_resources(warehouse, "orders", [order(1, [line("1", 1, "1.00")], "1.00 0 0 1.00")])
    warehouse.build([*SALES, "+dim_products", "+dim_customers", "+int_stock_days_opened"])
    assert warehouse.query(
        "select product_id, title, brand, category, unit_cost, current_price, compare_at_price"
        " from marts.dim_products where variant_id = '81'"
    ) == [("71", "Cup - Red", "Acme", "Cups", Decimal("4.5"), Decimal(12), Decimal(15))]
    prices = "select price, valid_from::varchar from staging.stg_shop__product_prices order by all"
    assert warehouse.query(prices) == [
        (Decimal(10), "2025-04-01 00:00:00"),
        (Decimal(12), "2025-04-20 00:00:00"),
    ]
    stock = warehouse.query(
        "select variant_id, location_id, snapshot_date::varchar, on_hand, committed"
        " from staging.stg_shop__inventory_snapshots order by location_id, variant_id"
    )
    assert stock == [
        ("81", "1", "2025-05-31", 5, 2),
        (None, "1", "2025-05-31", 5, 2),
        ("81", "2", "2025-05-31", 7, None),
    ]
    customers = "select country, region, accepts_marketing from marts.dim_customers"
    assert warehouse.query(customers) == [("DE", "Berlin", True)]
    reasons = "select source_table, reason from marts.fct_rejected_rows order by all"
    assert warehouse.query(reasons) == [
        ("shopify.customers", "customer_id is missing"),
        ("shopify.inventory_levels", "variant_id is missing"),
    ]


def test_the_adapters_unit_tests_pass(warehouse: Warehouse) -> None:
    warehouse.build(["stg_landing__files", "path:models/staging/shopify"])
    assert warehouse.run_unit_tests(["path:models/staging/shopify"]) >= 17
