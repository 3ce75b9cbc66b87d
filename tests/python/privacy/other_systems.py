"""The planted persons as other systems export them: nested, and in all shapes of orders."""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from shoptrack.contract import find_table
from shoptrack.landing import land_table
from tests.python.privacy import persons
from tests.python.privacy.persons import (
    CUSTOMER,
    EMAIL,
    GUESTS_DEVICE,
    GUESTS_EMAIL,
    LOADED_AT,
    OTHER_CUSTOMER,
    OTHER_EMAIL,
    PHONE,
    PHONE_NUMBER,
)

# What only other systems say of a person; it must go as well.
NESTED = (
    *("Ana Seventyseven", "Seventyseven Street", "203.0.113.77", "Anaburg77", "+49 30 7700277"),
    *("+49 30 7700278", "Engraved for Ana", "payer77@bank.example", "loaded-ana-visitor-77"),
    *("guest-csv-visitor-77", "Gast Seventyeight", "cart-fivetran-77", "ana-device-of-mail-77"),
)
# It follows no rule which of these are whose: each is spread over the shapes by hand.
ORDERS = ("order-ana-77", "order-loaded-77", "order-csv-77", "#csv77", "order-ben-77")
ADDRESS = {
    "name": "Ana Seventyseven",
    "address1": "Seventyseven Street 1",
    "city": "Anaburg77",
    "phone": "+49 30 7700277",
    "country_code": "DE",
}


def _money(order_id: str, total: str) -> dict[str, Any]:
    return {
        "id": order_id,
        "created_at": "2025-01-10T09:10:00Z",
        "updated_at": "2025-01-10T09:10:00Z",
        "financial_status": "paid",
        "currency": "EUR",
        "subtotal_price": total,
        "total_line_items_price": total,
        "total_discounts": "0.00",
        "total_tax": "0.00",
        "total_price": total,
        "taxes_included": "false",
    }


def _resource(order_id: str, total: str, engraving: str, **who: Any) -> dict[str, Any]:
    line = {
        "id": f"line-{order_id}",
        "product_id": "planted-product",
        "variant_id": "planted-variant",
        "name": "Planted",
        "quantity": 1,
        "price": total,
        "properties": [{"name": "engraving", "value": engraving}],
        "discount_allocations": [],
        "tax_lines": [],
    }
    return {**_money(order_id, total), "line_items": [line], "refunds": [], **who}


def orders() -> list[dict[str, Any]]:
    """Order resources of the Admin API: one of the customer, one of her neighbour."""
    return [
        _resource(
            "order-ana-77",
            "50.00",
            "Engraved for Ana",
            email=EMAIL,
            contact_email=EMAIL.lower(),
            phone=PHONE_NUMBER,
            browser_ip="203.0.113.77",
            client_details={"browser_ip": "203.0.113.77", "user_agent": "Ana Seventyseven"},
            customer={"id": CUSTOMER, "email": EMAIL, "default_address": ADDRESS},
            shipping_address=ADDRESS,
            billing_address=ADDRESS,
            cart_token="cart-ana-77",
            note_attributes=[{"name": "visitor_id", "value": PHONE}],
            refunds=[
                {
                    "id": "refund-ana",
                    "created_at": "2025-01-11T09:00:00Z",
                    "note": "Ana Seventyseven did not like it",
                    "refund_line_items": [
                        {
                            "id": "refund-line-ana",
                            "line_item_id": "line-order-ana-77",
                            "quantity": 1,
                            "subtotal": 50.00,
                            "total_tax": 0.00,
                        }
                    ],
                    "order_adjustments": [],
                    "transactions": [
                        {"kind": "refund", "receipt": {"payer": "payer77@bank.example"}}
                    ],
                }
            ],
        ),
        _resource(
            "order-ben-77", "30.00", "For Ben", email=OTHER_EMAIL, customer={"id": OTHER_CUSTOMER}
        ),
    ]


def tables() -> dict[str, list[dict[str, Any]]]:
    """Planted rows by raw table of Shopify."""
    return {
        "shopify.orders": orders(),
        "shopify.customers": [
            {
                "id": CUSTOMER,
                "email": EMAIL.lower(),
                "phone": PHONE_NUMBER,
                "default_address": ADDRESS,
                "first_name": "Ana Seventyseven",
            },
            {"id": OTHER_CUSTOMER, "email": OTHER_EMAIL, "phone": "+49 170 1"},
        ],
        "shopify.order": [
            {
                **_money("order-loaded-77", "40.00"),
                "email": EMAIL.upper(),
                "customer_id": CUSTOMER,
                "cart_token": "cart-fivetran-77",
                "shipping_address_country_code": "DE",
                "shipping_address_name": "Ana Seventyseven",
                "browser_ip": "203.0.113.77",
                "_fivetran_synced": "2025-01-11 01:00:00",
            }
        ],
        "shopify.order_line": [
            {
                "id": "line-loaded",
                "order_id": "order-loaded-77",
                "product_id": "planted-product",
                "name": "Planted",
                "quantity": "1",
                "price": "40.00",
                "properties": "Engraved for Ana",
                "_fivetran_synced": "2025-01-11 01:00:00",
            }
        ],
        "shopify.order_note_attribute": [
            {
                "order_id": "order-loaded-77",
                "name": "visitor_id",
                "value": "loaded-ana-visitor-77",
                "_fivetran_synced": "2025-01-11 01:00:00",
            }
        ],
        "shopify.customer": [
            {
                "id": CUSTOMER,
                "email": EMAIL,
                "phone": "00491707700177",
                "updated_at": "2025-01-09",
                "_fivetran_synced": "2025-01-11 01:00:00",
            }
        ],
        "shopify.orders_export": [
            {
                "Name": "#csv77",
                "Id": "order-csv-77",
                "Email": GUESTS_EMAIL.upper(),
                "Phone": "+49 30 7700278",
                "Financial Status": "paid",
                "Currency": "EUR",
                "Subtotal": "25.00",
                "Shipping": "0.00",
                "Taxes": "0.00",
                "Total": "25.00",
                "Created at": "2025-01-10 10:00:00 +0100",
                "Note Attributes": "visitor_id: guest-csv-visitor-77",
                "Shipping Country": "DE",
                "Billing Name": "Gast Seventyeight",
                **_exported_line("20.00"),
            },
            {"Name": "#csv77", "Email": GUESTS_EMAIL, **_exported_line("5.00")},
        ],
    }


def _exported_line(price: str) -> dict[str, str]:
    return {"Lineitem quantity": "1", "Lineitem name": "Planted", "Lineitem price": price}


def _texts(rows: list[dict[str, Any]]) -> pa.Table:
    texts = [
        {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in row.items()
        }
        for row in rows
    ]
    return persons.as_table(texts)


def _events() -> list[dict[str, str]]:
    """The events of all persons, and those of devices that only other systems' orders name."""
    by_click = {"page_url": "https://shop.example/planted?gclid=click-ana-77"}
    own = [{**row, **by_click} if "gclid" in row else row for row in persons.events()]
    return [
        *own,
        persons.event(21, "loaded-ana-visitor-77", 21),
        persons.event(22, "guest-csv-visitor-77", 22, cart_id="cart-guest-77"),
        persons.event(23, GUESTS_DEVICE, 23, "purchase", transaction_id="order-csv-77"),
    ]


def plant(zone: Path, dialect: str, name: str = persons.FILE) -> None:
    """Land the persons as a dialect's events, as Shopify's tables, and what only the shop has."""
    columns = find_table("web.events").column_names
    events = [
        {**dict.fromkeys(columns), **row, "event_id": f"{number:016x}"}
        for number, row in enumerate(_events(), start=77)
    ]
    listed = pa.Table.from_pylist(events, pa.schema([(column, pa.string()) for column in columns]))
    written = importlib.import_module(f"shoptrack.demo.dialects.{dialect}").Dialect()
    raw = [(part.table, part.rows) for part in written.write("2025-01-11", {"web.events": listed})]
    raw += [(table, _texts(rows)) for table, rows in tables().items()]
    if dialect == "segment":
        raw.append(("segment.events", _texts([_identify()])))
    for table in ("web.consents", "web.experiment_exposures", "shop.messages", "shop.reviews"):
        raw.append((table, persons.as_table(persons.rows()[table])))
    for number, (table, rows) in enumerate(raw):
        land_table(zone, table, rows, file_name=f"{name}-{number}", loaded_at=LOADED_AT)


def _identify() -> dict[str, Any]:
    return {
        "messageId": "identify-77",
        "type": "identify",
        "anonymousId": "ana-device-of-mail-77",
        "userId": CUSTOMER,
        "timestamp": "2025-01-10T09:30:00Z",
        "traits": {"email": EMAIL, "phone": PHONE_NUMBER, "name": "Ana Seventyseven"},
        "context": {"ip": "203.0.113.77", "traits": {"email": EMAIL.upper()}},
    }


def ask(zone: Path, subjects: Sequence[str]) -> None:
    """Land the wish of persons to be erased."""
    rows = [
        {"request_id": f"request-{n}", "subject_id": who, "requested_at": "2025-01-15 09:00:00"}
        for n, who in enumerate(subjects)
    ]
    requests = persons.as_table(rows)
    land_table(zone, "shop.erasure_requests", requests, file_name="asked", loaded_at=LOADED_AT)
