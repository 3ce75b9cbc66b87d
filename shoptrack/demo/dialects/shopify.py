"""The shop's orders, customers, products and stock as Shopify's Admin API gives them.

An order is exported whole, with all of its lines, whenever something of it comes; a line waits
until its order is there. Each currency is a store of its own, so that an order's currency is its
shop's.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import takewhile
from typing import Any

import pyarrow as pa

from shoptrack.demo.dialects import RawRows

# Columns of the contract that Shopify does not have. A return's reason belongs to its whole refund,
# so that each refunded line is a refund of its own, and refund ids are others.
NOT_CARRIED: Mapping[str, tuple[str, ...]] = {
    "shop.orders": ("fx_rate",),
    "shop.order_lines": ("unit_cost",),
    "shop.refunds": ("refund_id",),
    "shop.customers": (
        "birth_year",
        "gender",
        "age_bracket",
        "income_bracket",
        "household_size",
        "deleted_at",
    ),
    "shop.products": ("lead_time_days", "lead_time_sd_days", "supplier"),
    "shop.product_prices": ("currency", "competitor_price"),
    "shop.inventory_snapshots": ("received", "adjusted"),
}
# Reasons for which rows of the contract are rejected and those of the dialect are not.
NOT_REJECTED: tuple[str, ...] = ()

Row = dict[str, Any]


class Dialect:
    """Orders, refunds, customers, products and stock as resources of Shopify's Admin API."""

    contract_tables = tuple(NOT_CARRIED)
    adapters = ("shopify",)

    def __init__(self) -> None:
        self._orders: dict[str, Row] = {}
        self._lines: dict[str, dict[str, Row]] = defaultdict(dict)
        self._refunds: list[Row] = []
        self._spoilt_lines: list[Row] = []
        self._variants: dict[str, dict[str, Row]] = defaultdict(dict)
        self._products: dict[str, str] = {}

    def write(self, date: str, rows: Mapping[str, pa.Table]) -> Iterator[RawRows]:
        """Rewrite one load; see shoptrack.demo.dialects."""
        load = {table: _texts(part) for table, part in rows.items()}
        written = {
            "products": self._product_resources(date, load),
            "inventory_items": _items(date, load.get("shop.products", [])),
            "inventory_levels": _levels(load.get("shop.inventory_snapshots", [])),
            "customers": [_customer(date, row) for row in load.get("shop.customers", [])],
            "orders": self._order_resources(load),
            "refunds": self._refund_resources(load),
        }
        for table, resources in written.items():
            if resources:
                yield RawRows(f"shopify.{table}", f"{table}_{date}.jsonl", _table(resources))

    def _order_resources(self, load: Mapping[str, list[Row]]) -> list[Row]:
        """New versions of orders, and those known whose lines came late; spoilt ones once."""
        resources = []
        changed: dict[str, list[Row]] = {}
        for order in load.get("shop.orders", []):
            if not _is_whole(order["order_id"]):
                resources.append(_order(order, []))
            elif self._is_newest(order):
                self._orders[order["order_id"]] = order
                changed[order["order_id"]] = []
        for line in load.get("shop.order_lines", []):
            if _is_whole(line["order_line_id"]):
                self._lines[line["order_id"]][line["order_line_id"]] = line
                changed.setdefault(line["order_id"], [])
            else:
                self._spoilt_lines.append(line)
        self._place_spoilt_lines(changed)
        for order_id, spoilt in changed.items():
            if order_id in self._orders:
                lines = [*self._lines[order_id].values(), *spoilt]
                resources.append(_order(self._orders[order_id], lines))
        return resources

    def _is_newest(self, order: Row) -> bool:
        known = self._orders.get(order["order_id"])
        return known is None or (known["updated_at"] or "") <= (order["updated_at"] or "")

    def _place_spoilt_lines(self, changed: dict[str, list[Row]]) -> None:
        """Put each into its order; while that has not come, into the last order that has."""
        if not self._orders:
            return
        last = next(reversed(self._orders))
        for line in self._spoilt_lines:
            place = line["order_id"] if line["order_id"] in self._orders else last
            changed.setdefault(place, []).append(line)
        self._spoilt_lines = []

    def _refund_resources(self, load: Mapping[str, list[Row]]) -> list[Row]:
        """Refunds whose order is known, which says whether their value contains tax."""
        waiting = self._refunds + load.get("shop.refunds", [])
        self._refunds = []
        resources = []
        for refund in waiting:
            order = self._orders.get(refund["order_id"])
            if order or not _is_whole(refund["refund_line_id"]):
                resources.append(_refund(refund, (order or {}).get("taxes_included") == "true"))
            else:
                self._refunds.append(refund)
        return resources

    def _product_resources(self, date: str, load: Mapping[str, list[Row]]) -> list[Row]:
        """Products that are new or whose prices changed, whole."""
        changed: dict[str, None] = {}
        for row in load.get("shop.products", []):
            self._products[row["variant_id"]] = row["product_id"]
            self._variants[row["product_id"]][row["variant_id"]] = row
            changed[row["product_id"]] = None
        for price in load.get("shop.product_prices", []):
            product_id = self._products[price["variant_id"]]
            self._variants[product_id][price["variant_id"]] |= price
            changed[product_id] = None
        return [_product(date, product_id, self._variants[product_id]) for product_id in changed]


def _order(order: Row, lines: Iterable[Row]) -> Row:
    shipping = {"price": order["shipping_total"], "discounted_price": order["shipping_total"]}
    coupon = order["coupon"]
    visitor = order["visitor_id"]
    return {
        "id": order["order_id"],
        "created_at": order["ordered_at"],
        "processed_at": order["ordered_at"],
        "updated_at": order["updated_at"],
        "cancelled_at": order["cancelled_at"],
        "financial_status": order["financial_status"],
        "currency": order["currency"],
        "presentment_currency": order["currency"],
        "subtotal_price": order["subtotal"],
        "total_line_items_price": _sum(order["subtotal"], order["discount_total"]),
        "total_discounts": order["discount_total"],
        "total_tax": order["tax_total"],
        "total_price": order["total"],
        "taxes_included": order["taxes_included"],
        "test": order["is_test"],
        "email": order["email"],
        "cart_token": order["cart_id"],
        "customer": {"id": order["customer_id"]} if order["customer_id"] else None,
        "shipping_address": {"country_code": order["country"]},
        "discount_codes": [{"code": coupon}] if coupon else [],
        "note_attributes": [{"name": "visitor_id", "value": visitor}] if visitor else [],
        "shipping_lines": [shipping | {"tax_lines": [], "discount_allocations": []}],
        "line_items": [_line(line) for line in lines],
        "refunds": [],
    }


def _line(line: Row) -> Row:
    allocated = line["discount_allocated"]
    return {
        "id": line["order_line_id"],
        "product_id": line["product_id"],
        "variant_id": line["variant_id"],
        "sku": line["sku"],
        "name": line["title"],
        "quantity": line["quantity"],
        "price": line["unit_price"],
        "gift_card": line["is_gift_card"],
        "discount_allocations": [] if allocated is None else [{"amount": allocated}],
        "tax_lines": [{"price": line["tax"]}],
    }


def _refund(refund: Row, has_tax_in_prices: bool) -> Row:
    value = _sum(refund["amount"], refund["tax"]) if has_tax_in_prices else refund["amount"]
    shipping = Decimal(refund["shipping"])
    adjustment = {
        "id": f"6{refund['refund_line_id']}",
        "kind": "shipping_refund",
        "amount": str(-shipping),
        "tax_amount": "0.00",
    }
    return {
        "id": refund["refund_line_id"],
        "order_id": refund["order_id"],
        "created_at": refund["refunded_at"],
        "processed_at": refund["refunded_at"],
        "note": refund["reason"],
        "refund_line_items": [
            {
                "id": refund["refund_line_id"],
                "line_item_id": refund["order_line_id"],
                "quantity": refund["quantity"],
                "restock_type": "return" if refund["is_restocked"] == "true" else "no_restock",
                "subtotal": value,
                "total_tax": refund["tax"],
            }
        ],
        "order_adjustments": [adjustment] if shipping else [],
        "transactions": [{"kind": "refund", "status": "success"}],
    }


def _customer(date: str, row: Row) -> Row:
    consent = "subscribed" if row["accepts_marketing"] == "true" else "not_subscribed"
    return {
        "id": row["customer_id"],
        "created_at": row["created_at"],
        "updated_at": _end_of(date),
        "email": row["email"],
        "phone": row["phone"],
        "default_address": {"country_code": row["country"], "province": row["region"]},
        "email_marketing_consent": {"state": consent},
    }


def _product(date: str, product_id: str, variants: Mapping[str, Row]) -> Row:
    first = next(iter(variants.values()))
    return {
        "id": product_id,
        "title": _common_start([row["title"] for row in variants.values()]),
        "vendor": first["brand"],
        "product_type": first["category"],
        "created_at": first["created_at"],
        "updated_at": _end_of(date),
        "variants": [
            {
                "id": row["variant_id"],
                "product_id": product_id,
                "inventory_item_id": _item_id(row["variant_id"]),
                "sku": row["sku"],
                "title": row["title"],
                "price": row.get("price"),
                "compare_at_price": row.get("compare_at_price"),
                "created_at": row["created_at"],
                "updated_at": row.get("valid_from"),
            }
            for row in variants.values()
        ],
    }


def _common_start(titles: Sequence[str]) -> str:
    """What all titles begin with."""
    same = (len(set(letters)) == 1 for letters in zip(*titles, strict=False))
    return titles[0][: sum(takewhile(bool, same))].strip()


def _items(date: str, rows: Iterable[Row]) -> list[Row]:
    return [
        {
            "id": _item_id(row["variant_id"]),
            "cost": row["unit_cost"],
            "updated_at": _end_of(date),
        }
        for row in rows
    ]


def _levels(rows: Iterable[Row]) -> list[Row]:
    return [
        {
            "inventory_item_id": _item_id(row["variant_id"]),
            "location_id": row["location_id"],
            "quantities": [
                {"name": name, "quantity": row[name]}
                for name in ("on_hand", "committed", "incoming")
            ],
        }
        for row in rows
    ]


def _item_id(variant_id: str) -> str:
    """Of a spoilt row's variant too, which has a number after a hyphen."""
    return f"9{variant_id.partition('-')[0]}"


def _end_of(date: str) -> str:
    return f"{date}T23:59:59Z"


def _is_whole(key: str | None) -> bool:
    """Whether a key is one of the shop's, which are digits, and not that of a spoilt row."""
    return bool(key) and str(key).isdigit()


def _sum(*amounts: str | None) -> str:
    return str(sum((Decimal(amount or 0) for amount in amounts), Decimal(0)))


def _texts(rows: pa.Table) -> list[Row]:
    texts = rows.cast(pa.schema([(name, pa.string()) for name in rows.column_names]))
    found: list[Row] = texts.to_pylist()
    return found


def _table(resources: list[Row]) -> pa.Table:
    """One row per resource, nested values as JSON text, as landed JSON lines are."""
    return pa.table(
        {
            name: pa.array([_as_text(resource[name]) for resource in resources], pa.string())
            for name in resources[0]
        }
    )


def _as_text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
