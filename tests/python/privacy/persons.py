"""Three persons and their neighbours, planted into a landing zone, and what is left of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from shoptrack.landing import land_table

LOADED_AT = datetime(2025, 1, 20, 3)
FILE = "planted"
# The customer has two devices of her own and one that she shares; the guest has none but an e-mail.
PHONE, LAPTOP, SHARED = "vis-ana-phone-77", "vis-ana-laptop-77", "vis-kitchen-tablet-77"
GUESTS_DEVICE, STRANGER, NEIGHBOUR = "vis-guest-77", "vis-stranger-77", "vis-neighbour-77"
CUSTOMER, OTHER_CUSTOMER = "cust-ana-77001", "cust-ben-77002"
EMAIL, OTHER_EMAIL, GUESTS_EMAIL = (
    "Ana.Erased@Mail.Example",
    "ben@mail.example",
    "gast77@mail.example",
)
PHONE_NUMBER = "+49 170 7700177"
SUBJECTS = (CUSTOMER, GUESTS_EMAIL, STRANGER)
GONE = (
    *(PHONE, LAPTOP, GUESTS_DEVICE, STRANGER, CUSTOMER, EMAIL, EMAIL.lower(), GUESTS_EMAIL),
    *(PHONE_NUMBER, "+491707700177", "cart-ana-77", "cart-guest-77", "click-ana-77"),
)
STAYS = (SHARED, NEIGHBOUR, OTHER_CUSTOMER, OTHER_EMAIL, "order-ana-77", "order-guest-77")


def event(number: int, visitor: str, minute: int, name: str = "page_view", **more: str) -> Any:
    """An event of 10 January 2025."""
    return {
        "event_id": f"planted-event-{number}",
        "event_at": f"2025-01-10 09:{minute:02}:00",
        "event_name": name,
        "visitor_id": visitor,
        "page_url": more.pop("page_url", "https://shop.example/planted"),
        **more,
    }


def events() -> list[dict[str, str]]:
    """Events of all persons, those who go between those who stay."""
    ana = {"user_id": CUSTOMER}
    return [
        event(1, NEIGHBOUR, 0),
        event(2, PHONE, 1, gclid="click-ana-77"),
        event(3, PHONE, 2, "add_to_cart", cart_id="cart-ana-77", **ana),
        event(4, LAPTOP, 3, **ana),
        event(5, SHARED, 4, **ana),
        event(6, SHARED, 5, user_id=OTHER_CUSTOMER),
        event(7, SHARED, 6),
        event(8, GUESTS_DEVICE, 7, "purchase", transaction_id="order-guest-77", value="20"),
        event(9, STRANGER, 8),
        event(10, PHONE, 9, "purchase", transaction_id="order-ana-77", value="50", **ana),
        event(11, NEIGHBOUR, 10, page_url=f"https://shop.example/invite?friend={EMAIL}"),
        event(12, STRANGER, 11),
    ]


def order(order_id: str, total: str, **who: str) -> dict[str, str]:
    """A paid order of 10 January 2025."""
    return {
        "order_id": order_id,
        "ordered_at": "2025-01-10 09:10:00",
        "total": total,
        "subtotal": total,
        "currency": "EUR",
        "country": "DE",
        "financial_status": "paid",
        **who,
    }


def rows() -> dict[str, list[dict[str, str]]]:
    """Planted rows by raw table."""
    line = {"product_id": "planted-product", "quantity": "1"}
    return {
        "web.events": events(),
        "shop.orders": [
            order(
                "order-ana-77",
                "50.00",
                customer_id=CUSTOMER,
                email=EMAIL,
                visitor_id=PHONE,
                cart_id="cart-ana-77",
                billing_address="Ana, Street 77",
            ),
            order(
                "order-guest-77",
                "20.00",
                email=GUESTS_EMAIL.upper(),
                visitor_id=GUESTS_DEVICE,
                cart_id="cart-guest-77",
            ),
            order("order-ben-77", "30.00", customer_id=OTHER_CUSTOMER, email=OTHER_EMAIL),
        ],
        "shop.order_lines": [
            {**line, "order_line_id": "line-ana", "order_id": "order-ana-77", "unit_price": "50"},
            {
                **line,
                "order_line_id": "line-guest",
                "order_id": "order-guest-77",
                "unit_price": "20",
            },
            {**line, "order_line_id": "line-ben", "order_id": "order-ben-77", "unit_price": "30"},
        ],
        "shop.customers": [
            {"customer_id": CUSTOMER, "email": EMAIL.lower(), "phone": PHONE_NUMBER},
            {"customer_id": OTHER_CUSTOMER, "email": OTHER_EMAIL, "phone": "+49 170 1"},
        ],
        "shop.reviews": [
            {
                "review_id": "review-ana",
                "product_id": "planted-product",
                "customer_id": CUSTOMER,
                "rating": "5",
            }
        ],
        "shop.messages": [
            {"message_id": "message-ana", "person_key": CUSTOMER, "sent_at": "2025-01-11 09:00:00"},
            {
                "message_id": "message-ben",
                "person_key": OTHER_CUSTOMER,
                "sent_at": "2025-01-11 09:00:00",
            },
        ],
        "web.consents": [
            {
                "subject_id": subject,
                "recorded_at": "2025-01-10 09:00:00",
                "consent_analytics": "true",
            }
            for subject in (PHONE, SHARED, STRANGER)
        ],
        "web.experiment_exposures": [
            {
                "experiment_id": "planted",
                "unit_id": unit,
                "variant": "control",
                "exposed_at": "2025-01-10 09:00:00",
            }
            for unit in (LAPTOP, NEIGHBOUR)
        ],
        "shop.erasure_requests": [
            {"request_id": f"request-{n}", "subject_id": who, "requested_at": "2025-01-15 09:00:00"}
            for n, who in enumerate(SUBJECTS)
        ],
    }


def as_table(values: Iterable[Mapping[str, str]]) -> pa.Table:
    """Rows as a table of text columns, null where a row lacks one."""
    listed = list(values)
    names = dict.fromkeys(name for row in listed for name in row)
    return pa.table({name: pa.array([r.get(name) for r in listed], pa.string()) for name in names})


def plant(zone: Path) -> dict[str, Path]:
    """Land the planted rows, a file per table; return the landed files by table."""
    return {
        table: land_table(
            zone, table, as_table(values), file_name=f"{FILE}.csv", loaded_at=LOADED_AT
        ).path
        for table, values in rows().items()
    }


def remaining(table: str, planted: Iterable[Mapping[str, str]]) -> list[dict[str, Any]]:
    """The planted rows as they must be after the erasure, by rules written here once more."""
    kept = []
    for number, row in enumerate(planted, start=1):
        left: dict[str, Any] = {**row, "_source_row": number}
        is_gone = any(row.get(name) in GONE for name in ("visitor_id", "user_id", "unit_id"))
        if table in ("web.events", "web.experiment_exposures", "shop.messages", "shop.customers"):
            is_gone |= row.get("person_key") == CUSTOMER or row.get("customer_id") == CUSTOMER
            if is_gone:
                continue
        if table == "web.consents" and row["subject_id"] in GONE:
            continue
        if row.get("order_id") in ("order-ana-77", "order-guest-77") or table == "shop.reviews":
            for name in ("customer_id", "email", "visitor_id", "cart_id", "billing_address"):
                left.pop(name, None)
        if table == "shop.erasure_requests":
            left["subject_id"] = "(erased)"
        if row.get("event_id") == "planted-event-11":
            left["page_url"] = "https://shop.example/invite?friend=(erased)"
        kept.append(left)
    return kept


def found_in(folder: Path, texts: Iterable[str] = GONE) -> dict[str, list[str]]:
    """Texts found in the bytes of each file, and in what Parquet and DuckDB files hold packed."""
    wanted = {text: re.compile(re.escape(text.encode()), re.IGNORECASE) for text in texts}
    found: dict[str, list[str]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += repr(pq.read_table(path).to_pylist()).encode()
        if path.suffix == ".duckdb":
            content += _database_as_text(path)
        hits = [text for text, pattern in wanted.items() if pattern.search(content)]
        if hits:
            found[str(path.relative_to(folder))] = hits
    return found


def _database_as_text(path: Path) -> bytes:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as it (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'it'"
        ).fetchall()
        parts = []
        for schema, table in tables:
            text = connection.sql(f'select * from it."{schema}"."{table}"').to_arrow_table()
            parts.append(repr(text.to_pydict()).encode())
    return b"".join(parts)
