"""Random raw data of a shop, as untidy as real exports, split into loads in any way.

Everything is drawn from one seed, so that a failing case can be built again from its Shop.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal

import pyarrow as pa
from hypothesis import strategies as st

from shoptrack.contract import find_table

Row = dict[str, Any]
Rows = list[Row]

DAYS = 14
LAST_REFUND_DAYS = 9
STARTS = (
    datetime(2025, 1, 6),
    datetime(2025, 3, 2),  # New York: clocks go forward on 9 March
    datetime(2025, 10, 19),  # Berlin: clocks go back on 26 October
    datetime(2025, 10, 24),  # New York: clocks go back on 2 November
    datetime(2024, 12, 25),
)
ODD_VISITORS = ("o'brien; --", 'a "quoted" one', "ünï → 訪問者", "a|b", "NULL", " ")
FILE_NAMES = (
    "events.csv",
    "late.parquet",
    'it\'s "the" export (1).csv',
    "Bestellungen März ü 訂單.jsonl",
    ".hidden",
    "a.b.parquet.gz",
    "100% of *[it]?.csv",
)
EVENT_NAMES = (
    *("page_view",) * 8,
    *("view_item", "view_item", "add_to_cart", "begin_checkout", "add_shipping_info"),
    *("add_payment_info", "purchase", "purchase", "search", "remove_from_cart", "view_cart"),
    *("add_to_cart", "payment_error"),
)
AGENTS = ("Mozilla/5.0 (X11)", "Mozilla/5.0 (iPhone)", None)
REFERRERS = (
    *("https://www.google.de/search?q=shoe", "https://shop.example/home", "https://m.facebook.com"),
    *("https://www.paypal.com/checkout", "https://blog.example/post?x=1#top", "android-app://com"),
)
PAGES = (
    *("https://shop.example/", "https://www.shop.example/p/1?a=b#c", "https://shop.example/cart"),
    *("https://shop.example/checkout/thanks", "/relative/path?x=1", "https://shop.example"),
    *("https://shop.example/search?q=hat", "/search"),  # where a funnel of the seed begins
)


@dataclass(frozen=True)
class Shop:
    """What a shop is drawn from.

    order: whether rows land about when they happen, or in any order. timeout: seconds; gaps between
    events are drawn on both sides of it. dirt: share of rows that are copied, changed or broken.
    """

    seed: int
    visitors: int
    customers: int
    loads: int
    start: datetime = STARTS[0]
    order: Literal["in time", "shuffled"] = "in time"
    timeout: int = 1800
    dirt: float = 0.1


@dataclass(frozen=True)
class File:
    """Rows of one table (`source.table`) that land together."""

    table: str
    rows: pa.Table
    file_name: str
    loaded_at: datetime


Load = list[File]


def shops(min_loads: int = 2, max_loads: int = 8) -> st.SearchStrategy[Shop]:
    """Shops, most of them with hundreds of visitors and customers."""
    return st.builds(
        Shop,
        seed=st.integers(0, 2**32 - 1),
        visitors=st.sampled_from([12, 200, 300, 400]),
        customers=st.sampled_from([8, 100, 200, 300]),
        loads=st.integers(min_loads, max_loads),
        start=st.sampled_from(STARTS),
        order=st.sampled_from(["in time", "shuffled"]),
        timeout=st.sampled_from([1800, 600]),
        dirt=st.sampled_from([0.02, 0.1, 0.25]),
    )


def draw_loads(shop: Shop) -> list[Load]:
    """Draw a shop's raw data, one list of files per load; a load may be empty."""
    rng = Random(shop.seed)
    orders = _orders(rng, shop)
    tables: dict[str, Rows] = {
        "web.events": _events(rng, shop, [row["order_id"] for row in orders]),
        "shop.orders": _versions(rng, orders),
        **_order_parts(rng, orders),
        "shop.customers": _customers(rng, shop),
        **_catalogue(rng, shop),
        **_others(rng, shop),
    }
    # Nothing but events, or nothing but orders, may come first.
    latecomers = {name: rng.choice((0, 0, 0, 1)) for name in tables}
    loads: list[dict[str, Rows]] = [{} for _ in range(shop.loads)]
    for name, rows in tables.items():
        for row in _soil(rng, shop, name, rows):
            number = max(_load_of(rng, shop, row), min(latecomers[name], shop.loads - 1))
            loads[number].setdefault(name, []).append(row)
    if shop.loads > 2 and rng.random() < 0.3:
        loads[rng.randrange(shop.loads)] = {}
    return [_files(rng, shop, number, load) for number, load in enumerate(loads)]


def _moment(rng: Random, shop: Shop) -> datetime:
    """Any moment of the shop's days, often around midnight, where sessions change their date."""
    day = shop.start + timedelta(days=rng.randrange(DAYS))
    kind = rng.random()
    if kind < 0.03:
        return day
    if kind < 0.3:
        hour = rng.choice((0, 4, 5, 22, 23))  # midnight in UTC, New York or Berlin
        return day + timedelta(hours=hour, seconds=rng.randint(-2400, 2400))
    return day + timedelta(seconds=rng.randrange(86400), milliseconds=rng.choice((0, 0, 7)))


def _gap(rng: Random, shop: Shop) -> timedelta:
    timeout = shop.timeout
    near = (timeout - 1, timeout, timeout + 1)
    seconds = rng.choice((0, 1, 20, 60, 300, *near, *near, rng.randrange(2 * timeout), 7200))
    return timedelta(seconds=seconds, milliseconds=rng.choice((0, 0, 0, 1)))


def _as_text(rng: Random, moment: datetime) -> str:
    style = rng.random()
    if style < 0.8:
        return moment.isoformat(" ")
    if style < 0.9:
        return moment.isoformat() + "Z"
    return (moment + timedelta(hours=2)).isoformat() + "+02:00"


def _events(rng: Random, shop: Shop, order_ids: Sequence[str]) -> Rows:
    visitors = [f"v{number}" for number in range(shop.visitors)]
    visitors[: len(ODD_VISITORS)] = ODD_VISITORS[: shop.visitors]
    rows: Rows = []
    for visitor in visitors:
        person = _person(rng, shop, visitor)
        moment = _moment(rng, shop)
        for _ in range(rng.choice((1, 1, 2, 3))):
            for _ in range(rng.choice((1, 2, 3, 5, 8))):
                rows.append(_event(rng, shop, person, moment, order_ids))
                moment += _gap(rng, shop)
            moment = _moment(rng, shop) if rng.random() < 0.7 else moment + _gap(rng, shop)
    for number, row in enumerate(rows):
        row["event_id"] = f"e{number}"
    return rows


def _person(rng: Random, shop: Shop, visitor: str) -> Row:
    """Attributes that a visitor keeps; some visitors share a device among customers."""
    users = [f"c{rng.randrange(shop.customers)}" for _ in range(rng.choice((0, 0, 1, 1, 2)))]
    return {
        "visitor_id": visitor,
        "users": [None, *users],
        "device_category": rng.choice(("desktop", "mobile", "tablet", None)),
        "browser": rng.choice(("Firefox", "Chrome", None)),
        "user_agent": "Googlebot/2.1" if rng.random() < 0.05 else rng.choice(AGENTS),
        "country": rng.choice(("DE", "US", "FR", None)),
        "region": rng.choice(("BE", "NY", None)),
        "language": rng.choice(("de", "en")),
        "age_bracket": rng.choice(("18-24", "25-34", None)),
        "gender": rng.choice(("f", "m", None)),
        "cart": rng.choice((None, f"cart{rng.randrange(shop.customers)}")),
    }


def _event(rng: Random, shop: Shop, person: Row, moment: datetime, order_ids: Sequence[str]) -> Row:
    name = rng.choice(EVENT_NAMES)
    row: Row = {
        "at": moment,
        "event_at": _as_text(rng, moment),
        "event_name": name,
        **{key: value for key, value in person.items() if key not in {"users", "cart"}},
        "user_id": rng.choice(person["users"]),
        "page_url": rng.choice(PAGES),
        "page_referrer": rng.choice((None, None, rng.choice(REFERRERS))),
        "engagement_ms": rng.choice((None, "0", "1234")),
    }
    if rng.random() < 0.15:
        row |= rng.choice(
            (
                {"utm_source": "Newsletter ", "utm_medium": "email", "utm_campaign": "spring"},
                {"utm_source": "google", "utm_medium": "cpc"},
                {"utm_campaign": "only"},
                {"gclid": "g1"},
                {"fbclid": "f1"},
            )
        )
    if name not in ("page_view", "search"):
        row |= {"items": _items(rng, shop), "value": rng.choice(("19.99", "5", None))}
        row["currency"] = rng.choice(("EUR", "EUR", "USD", "JPY", None))
        row["cart_id"] = rng.choice((None, person["cart"], person["cart"]))
    if name == "purchase":
        row["transaction_id"] = rng.choice((None, "unknown", *rng.choices(order_ids, k=6)))
    return row


def _items(rng: Random, shop: Shop) -> str | None:
    items = [
        {
            "item_id": f"sku{rng.randrange(20)}",
            "item_name": rng.choice(("Shoe", "Hat")),
            "price": rng.choice((9.99, "10", None)),
            "quantity": rng.choice((1, 2, "3", None)),
        }
        for _ in range(rng.choice((0, 1, 1, 2)))
    ]
    return rng.choice((None, "[]", '{"item_id": "x"}', *[json.dumps(items)] * 6))


def _orders(rng: Random, shop: Shop) -> Rows:
    orders = []
    for number in range(shop.customers):
        at = _moment(rng, shop)
        taxes, shipping = rng.choice((("0", "0"), ("3.8", "4.9"), (None, None)))
        order = {
            "at": at,
            "order_id": f"o{number}",
            "ordered_at": _as_text(rng, at),
            "updated_at": _as_text(rng, at),
            "customer_id": rng.choice((f"c{rng.randrange(shop.customers)}",) * 9 + (None,)),
            "visitor_id": rng.choice((f"v{rng.randrange(shop.visitors)}", None)),
            "financial_status": rng.choice(("paid", "paid", "pending", "voided", None)),
            "currency": rng.choice(("EUR", "EUR", "USD", None)),
            "fx_rate": rng.choice((None, None, "0.9")),
            "subtotal": rng.choice((None, "20")),
            "discount_total": rng.choice((None, "1.01", "5")),
            "tax_total": taxes,
            "shipping_total": shipping,
            "total": f"{rng.randrange(1000, 9000) / 100}",
            "taxes_included": rng.choice(("true", "false", None)),
            "is_test": rng.choice(("true",) + ("false",) * 20),
            "cart_id": rng.choice((None, f"cart{number}")),
            "email": (f"{7 * number % shop.customers}@example.com", "guest@example.com", None)[
                (number % 5) // 2
            ],
        }
        orders.append(order)
    return orders


def _versions(rng: Random, orders: Rows) -> Rows:
    """Each order in up to three versions: paid, cancelled, re-dated, handed to someone else."""
    changes: Sequence[Callable[[Row], Row]] = (
        lambda row: {"cancelled_at": row["updated_at"]},
        lambda row: {"financial_status": "refunded"},
        lambda row: {"total": "1.23", "currency": "USD"},
        lambda row: {"customer_id": "c0"},
        lambda row: {"updated_at": None},
        lambda row: {},
    )
    versions = []
    for order in orders:
        versions.append(order)
        for _ in range(rng.choice((0, 0, 1, 2))):
            at = versions[-1]["at"] + timedelta(hours=rng.randrange(1, 200))
            row = {**versions[-1], "at": at, "updated_at": _as_text(rng, at)}
            versions.append(row | rng.choice(changes)(row))
    return versions


def _order_parts(rng: Random, orders: Rows) -> dict[str, Rows]:
    lines: Rows = []
    refunds: Rows = []
    for order in orders:
        for number in range(rng.choice((0, 1, 1, 2, 3))):
            line = {
                "at": order["at"],
                "order_line_id": f"{order['order_id']}-{number}",
                "order_id": rng.choice((order["order_id"],) * 20 + ("missing",)),
                "product_id": f"p{rng.randrange(10)}",
                "variant_id": rng.choice((f"sku{rng.randrange(20)}", None)),
                "title": rng.choice(("Shoe", "Hat", None)),
                "quantity": str(rng.randrange(1, 4)),
                "unit_price": rng.choice(("9.99", "0", "10")),
                "discount_allocated": rng.choice((None, "0.5")),
                "tax": rng.choice((None, "1.6")),
                "is_gift_card": rng.choice(("true",) + ("false",) * 9),
                "unit_cost": rng.choice((None, "4")),
            }
            lines.append(line)
            if rng.random() < 0.25:
                refunds.append(_refund(rng, line))
    return {"shop.order_lines": lines, "shop.refunds": refunds}


def _refund(rng: Random, line: Row) -> Row:
    at = line["at"] + timedelta(days=rng.choice((0, 1, LAST_REFUND_DAYS)))
    return {
        "at": at,
        "refund_line_id": f"r{line['order_line_id']}",
        "order_id": line["order_id"],
        "order_line_id": rng.choice((line["order_line_id"], None)),
        "refunded_at": _as_text(rng, at),
        "quantity": rng.choice((line["quantity"], None)),
        "amount": rng.choice(("9.99", "3")),
        "tax": rng.choice((None, "0.5")),
    }


def _customers(rng: Random, shop: Shop) -> Rows:
    return [
        {
            "at": _moment(rng, shop),
            "customer_id": f"c{rng.randrange(shop.customers)}",
            "email": f"{number}@example.com",
            "phone": f"+49 30 {number // 3}",
            "country": rng.choice(("DE", "US", None)),
            "birth_year": rng.choice(("1980", None)),
            "age_bracket": rng.choice(("25-34", "65+", None)),
            "income_bracket": rng.choice(("35-49K", None)),
            "accepts_marketing": rng.choice(("true", "false")),
        }
        for number in range(shop.customers)
    ]


def _catalogue(rng: Random, shop: Shop) -> dict[str, Rows]:
    products = [
        {
            "at": _moment(rng, shop),
            "variant_id": f"sku{rng.randrange(20)}",
            "product_id": f"p{rng.randrange(10)}",
            "title": rng.choice(("Shoe", "Boot")),
            "category": rng.choice(("Shoes", "Hats", None)),
            "unit_cost": rng.choice(("4", "5.5", None)),
            "lead_time_days": rng.choice(("3", None)),
        }
        for _ in range(30)
    ]
    prices: Rows = []
    rates: Rows = []
    for _ in range(30):
        at = _moment(rng, shop).replace(minute=0, second=0, microsecond=0)
        price: Row = {"variant_id": f"sku{rng.randrange(20)}", "valid_from": at.isoformat()}
        price |= {"price": rng.choice(("9.99", "12")), "competitor_price": rng.choice((None, "10"))}
        prices.append({"at": at, **price})
        rate = {"rate_date": at.date().isoformat(), "rate": f"{rng.randrange(80, 120) / 100}"}
        rates.append({"at": at, **rate, "currency": rng.choice(("USD", "EUR"))})
    return {"shop.products": products, "shop.product_prices": prices, "shop.fx_rates": rates}


def _others(rng: Random, shop: Shop) -> dict[str, Rows]:
    """Rows of every other table that name visitors, customers, products and carts of the shop."""
    drawn: dict[str, Rows] = {}
    for name, count, draw in (
        ("web.experiments", 4, _experiment),
        ("web.experiment_exposures", shop.visitors // 2, _exposure),
        ("web.consents", 5, _consent),
        ("shop.inventory_snapshots", 100, _snapshot),
        ("shop.ad_spend", 20, _spend),
        ("shop.reviews", 20, _review),
        ("shop.messages", shop.customers, _message),
    ):
        moments = [_moment(rng, shop) for _ in range(count)]
        drawn[name] = [{"at": at, **draw(rng, shop, at)} for at in moments]
        required = {column.name for column in find_table(name).columns if column.required}
        assert all(required <= row.keys() for row in drawn[name])
    return drawn


def _experiment(rng: Random, shop: Shop, at: datetime) -> Row:
    variant = rng.choice(("control", "blue"))
    return {
        "experiment_id": rng.choice(("colour", "price")),
        "variant": variant,
        "started_at": shop.start.isoformat(),
        "ended_at": rng.choice((None, _as_text(rng, at))),
        "is_control": str(variant == "control").lower(),
        "planned_share": rng.choice((None, "0.5")),
    }


def _exposure(rng: Random, shop: Shop, at: datetime) -> Row:
    return {
        "experiment_id": rng.choice(("colour", "price")),
        "unit_id": f"v{rng.randrange(shop.visitors)}",
        "variant": rng.choice(("control", "blue")),
        "exposed_at": _as_text(rng, at),
    }


def _consent(rng: Random, shop: Shop, at: datetime) -> Row:
    return {"subject_id": f"v{rng.randrange(shop.visitors)}", "recorded_at": _as_text(rng, at)}


def _snapshot(rng: Random, shop: Shop, at: datetime) -> Row:
    return {
        "variant_id": f"sku{rng.randrange(20)}",
        "location_id": rng.choice(("north", "south")),
        "snapshot_date": at.date().isoformat(),
        "on_hand": rng.choice(("0", "3", "40")),
        "incoming": rng.choice((None, "5")),
        "received": rng.choice((None, "10")),
    }


def _spend(rng: Random, shop: Shop, at: datetime) -> Row:
    campaign = rng.choice(("spring", "always on"))
    return {
        "platform": rng.choice(("google", "meta")),
        "campaign_id": campaign,
        "ad_group_id": "1",
        "ad_id": "1",
        "spend_date": at.date().isoformat(),
        "country": rng.choice(("DE", "US")),
        "campaign_name": campaign.title(),
        "utm_source": rng.choice(("google", "newsletter", None)),
        "utm_medium": rng.choice(("cpc", "email", None)),
        "utm_campaign": rng.choice(("spring", None)),
        "clicks": rng.choice((None, "7")),
        "spend": rng.choice(("1.5", "20")),
        "currency": rng.choice(("EUR", "USD", None)),
    }


def _review(rng: Random, shop: Shop, at: datetime) -> Row:
    return {
        "review_id": f"review{rng.randrange(50)}",
        "product_id": f"p{rng.randrange(10)}",
        "customer_id": f"c{rng.randrange(shop.customers)}",
        "rating": str(rng.randrange(1, 6)),
        "reviewed_at": _as_text(rng, at),
    }


def _message(rng: Random, shop: Shop, at: datetime) -> Row:
    return {
        "message_id": f"message{rng.randrange(400)}",
        "kind": rng.choice(("cart_reminder", "mailing")),
        "person_key": rng.choice(
            (f"c{rng.randrange(shop.customers)}", f"v{rng.randrange(shop.visitors)}")
        ),
        "cart_id": rng.choice((None, f"cart{rng.randrange(shop.customers)}")),
        "campaign": rng.choice((None, "spring", f"flash sale {rng.randrange(400)}")),
        "sent_at": rng.choice((None, _as_text(rng, at))),
        "clicked_at": rng.choice((None, None, _as_text(rng, at))),
    }


def _soil(rng: Random, shop: Shop, table: str, rows: Rows) -> Rows:
    """Add exact copies, copies that differ under the same key, and rows that cannot be used."""
    soiled = list(rows)
    for row in rows:
        if rng.random() < shop.dirt:
            change = _event_change if table == "web.events" else _no_change
            soiled.append({**row, **rng.choice((_no_change, change, change))(rng, shop, row)})
        if rng.random() < shop.dirt / 4:
            soiled.append({**row, **_fault(rng, table)})
    return soiled


def _no_change(rng: Random, shop: Shop, row: Row) -> Row:
    return {}


def _event_change(rng: Random, shop: Shop, row: Row) -> Row:
    """Another moment, another visitor or other values under the same event_id."""
    kind = rng.randrange(4)
    if kind == 0:
        at = rng.choice((_moment(rng, shop), row["at"] + _gap(rng, shop)))
        return {"at": at, "event_at": _as_text(rng, at)}
    if kind == 1:
        return {"visitor_id": f"v{rng.randrange(shop.visitors)}"}
    if kind == 2:
        return {"event_name": rng.choice(EVENT_NAMES), "page_url": rng.choice(PAGES)}
    return {"user_id": f"c{rng.randrange(shop.customers)}", "country": "NL"}


def _fault(rng: Random, table: str) -> Row:
    column = rng.choice([c for c in find_table(table).columns if c.required])
    faults: dict[str, Sequence[str | None]] = {
        "text": (None, "", "  "),
        "json": ("{",),
    }
    return {column.name: rng.choice(faults.get(column.data_type, (None, "soon", "1969-01-01")))}


def _load_of(rng: Random, shop: Shop, row: Row) -> int:
    if shop.order == "shuffled" or rng.random() < 0.12:
        return rng.randrange(shop.loads)
    share = (row["at"] - shop.start) / timedelta(days=DAYS)
    return min(max(int(share * shop.loads), 0), shop.loads - 1)


def _files(rng: Random, shop: Shop, number: int, load: dict[str, Rows]) -> Load:
    """Files of a load: those that land later may carry an earlier load time."""
    files = []
    for table, rows in load.items():
        rng.shuffle(rows)
        middle = rng.choice((0, len(rows) // 2))
        for part in (rows[:middle], rows[middle:]):
            if part:
                arrived = rng.choice((number, number, number, rng.randrange(shop.loads)))
                loaded_at = shop.start + timedelta(days=DAYS * (arrived + 1) / shop.loads)
                if shop.order == "shuffled":  # after all has happened, refunds too
                    loaded_at += timedelta(days=DAYS + LAST_REFUND_DAYS)
                name = rng.choice(FILE_NAMES)
                files.append(File(table, _columns(rng, table, part), name, loaded_at))
    return files


def _columns(rng: Random, table: str, rows: Rows) -> pa.Table:
    """Rows as the columns of an export: required ones, those with a value, and foreign ones."""
    contract = find_table(table)
    names = [
        column.name
        for column in contract.columns
        if column.required or any(row.get(column.name) is not None for row in rows)
    ]
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    if rng.random() < 0.3:
        for name in rng.sample(("Zeta", "zeta", "alpha"), 1) + rng.sample(("mid", "Beta"), 1):
            columns[name] = pa.array([rng.choice(("x", None)) for _ in rows], pa.string())
    return pa.table(columns)
