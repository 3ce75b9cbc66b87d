"""What was drawn: counted before the dirt, and written beside the landed data."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from shoptrack.demo import rates
from shoptrack.demo.behaviour import PURCHASE
from shoptrack.demo.draws import DAY_MS, FIRST_DATE, FIRST_MS, Array
from shoptrack.demo.experiments import VARIANTS
from shoptrack.demo.marketing import CHANNEL_OF_ENTRY
from shoptrack.demo.messages import HELD_OUT, SENT
from shoptrack.demo.orders import FATE_UNPAID, Placed
from shoptrack.demo.people import People
from shoptrack.demo.timeline import CODE, EVENT_NAMES, Timeline
from shoptrack.demo.visits import BEHAVIOUR_BOT, KNOWN_BOT

FILE_NAME = "truth.json"
NOTES = {
    "realised": "counts of what was drawn, before any dirt; money in cents of the currency",
    "sessions": "of people, bots left out, but for all, known_bots and behaviour_bots; a purchase"
    " event may be missing where with_order counts an order",
    "sessions.by_channel": "what the first event of the session carries",
    "sales": "valid orders: no test orders, none voided by the last day; goods without gift cards."
    " Under taxes_included gross_cents, discount_cents and subtotal_cents hold the tax: take"
    " tax_cents off the gross to get sales without it",
    "sales.refund_cents": "on the day of the refund, without tax and shipping",
    "sales.cancelled_without_refund_cents": "goods of cancelled orders that were never paid,"
    " without tax: a return on the day of cancelling that has no refund row",
    "orders.by_fate": "as drawn; what lies beyond the last day has not happened yet",
    "people": "a person is an account or a guest with one address; guests have no customer_id",
    "consent": "without consent for analytics nobody can tell that two visits, a visit and an"
    " order, or a visit and a message are of one person: so such visitors are no units of"
    " experiments, no users of shared devices, and buy after no reminder; their cart is started"
    " anew at every visit to it. Sessions, purchases and money count all the same",
    "experiments.units_with_purchase_event": "visitors with a tracked purchase since exposure",
    "experiments.units_with_purchase_event_in_time": "the same, before the experiment's end",
    "prospects": "sessions of people who have not bought yet: what conversion acts on",
    "carts.bought": "orders that are not tests; each has a cart. Without consent only those with a"
    " purchase event",
    "inventory.stock_out_days_central": "days × variants with nothing on hand at the day's end",
    "inventory.wanted_on_empty_days": "per variant, thousandths of the units that it would have"
    " sold on days that it began with nothing to sell: its expected share of all units of the day,"
    " the other shelves as they were",
    "dirt.late_rows": "rows that came in a later load than their own day's",
    "dirt.rows_out_of_order": "rows below a younger one in the same file",
}


class Truth:
    """Counts by path, such as ("sessions", "human"); all whole numbers, money in cents."""

    def __init__(self) -> None:
        self.realised: dict[str, Any] = {}
        self.known_carts: set[int] = set()  # numbers of carts seen in visits with consent

    def add(self, amount: int, *path: str) -> None:
        """Add a number to the count at a path."""
        node = self.realised
        for name in path[:-1]:
            node = node.setdefault(name, {})
        node[path[-1]] = node.get(path[-1], 0) + int(amount)

    def add_codes(self, names: tuple[str, ...], codes: Array, *path: str) -> None:
        """Count how often each code occurs, under its name."""
        for name, count in zip(names, np.bincount(codes, minlength=len(names)), strict=True):
            self.add(int(count), *path, name)

    def write(self, zone: Path, parameters: dict[str, Any]) -> None:
        """Write truth.json into the zone's root, at once."""
        document = {"notes": NOTES, "parameters": parameters, "realised": self.realised}
        target = zone / FILE_NAME
        temporary = zone / f".{FILE_NAME}"
        temporary.write_text(
            json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
        os.replace(temporary, target)


def count_sessions(truth: Truth, sessions: Array, events: Timeline) -> None:
    """Count sessions and events of a day; `events` are those that were tracked."""
    is_human = sessions["bot"] == 0
    purchased = _sessions_with(events, "purchase", len(sessions))
    truth.add(len(sessions), "sessions", "all")
    truth.add(int(is_human.sum()), "sessions", "human")
    truth.add(int((sessions["bot"] == KNOWN_BOT).sum()), "sessions", "known_bots")
    truth.add(int((sessions["bot"] == BEHAVIOUR_BOT).sum()), "sessions", "behaviour_bots")
    humans = sessions[is_human]
    truth.add(int((humans["depth"] == PURCHASE).sum()), "sessions", "with_order")
    crosses = (humans["start"] - FIRST_MS) // DAY_MS != (humans["end"] - FIRST_MS) // DAY_MS
    truth.add(int(crosses.sum()), "sessions", "crossing_midnight_utc")
    channel = CHANNEL_OF_ENTRY[humans["entry"]]
    truth.add_codes(rates.CHANNELS, channel, "sessions", "by_channel")
    bought = channel[purchased[is_human]]
    truth.add_codes(rates.CHANNELS, bought, "sessions", "with_purchase_event_by_channel")
    dates = np.datetime_as_string(humans["start"].astype("datetime64[ms]"), unit="D")
    for date, count in zip(*np.unique(dates, return_counts=True), strict=True):
        truth.add(int(count), "sessions", "by_start_date_utc", str(date))
    for name in EVENT_NAMES:
        reached = _sessions_with(events, name, len(sessions)) & is_human
        truth.add(int(reached.sum()), "sessions", "with_event", name)
    truth.add_codes(EVENT_NAMES, events.code, "events", "by_name")
    truth.add(len(events.code), "events", "all")
    human_events = is_human[events.session]
    truth.add(int(human_events.sum()), "events", "human")
    single = np.bincount(events.session, events.code == CODE["page_view"], len(sessions)) == 1
    truth.add(int((single & is_human).sum()), "sessions", "with_one_page_view")


def _sessions_with(events: Timeline, name: str, size: int) -> Array:
    found = np.zeros(size, dtype=bool)
    found[events.session[events.code == CODE[name]]] = True
    return found


def count_prospects(truth: Truth, people: People, sessions: Array, can_buy: Array) -> None:
    """Count what conversion acts on: prospects' sessions and first orders."""
    bought = sessions["depth"] == PURCHASE
    prospects = sessions[can_buy]
    channel = CHANNEL_OF_ENTRY[prospects["entry"]]
    truth.add_codes(rates.CHANNELS, channel, "prospects", "sessions_by_channel")
    first = bought[can_buy]
    truth.add_codes(rates.CHANNELS, channel[first], "prospects", "first_orders_by_channel")
    devices = people.devices[prospects["device"]]
    for bit, each in enumerate(rates.EXPERIMENTS):
        exposed = (devices["exposed"] >> bit & 1) == 1
        arm = devices["arms"] >> bit & 1
        for code, variant in enumerate(VARIANTS):
            within = exposed & (arm == code)
            path = ("experiments", each["id"], variant)
            truth.add(int(within.sum()), *path, "prospect_sessions_since_exposure")
            truth.add(int((within & first).sum()), *path, "first_orders_since_exposure")


def note_conversions_in_time(devices: Array, sessions: Array, tracked: Timeline) -> None:
    """Mark the devices that purchased between exposure and the end of an experiment."""
    is_purchase = tracked.code == CODE["purchase"]
    device = sessions["device"][tracked.session[is_purchase]]
    for bit, each in enumerate(rates.EXPERIMENTS):
        end = FIRST_MS + (each["first_day"] + each["days"]) * DAY_MS
        timely = device[(tracked.at[is_purchase] < end) & (devices["consent"][device] > 0)]
        devices["converted_in_time"][timely] |= devices["recorded"][timely] & (1 << bit)


def count_experiments(truth: Truth, people: People) -> None:
    """Count units of each experiment, and how many have a tracked purchase after exposure."""
    devices = people.devices
    for bit, each in enumerate(rates.EXPERIMENTS):
        recorded = (devices["recorded"] >> bit & 1) == 1
        converted = (devices["converted"] >> bit & 1) == 1
        in_time = (devices["converted_in_time"] >> bit & 1) == 1
        arm = devices["arms"] >> bit & 1
        for code, variant in enumerate(VARIANTS):
            within = recorded & (arm == code)
            path = ("experiments", each["id"], variant)
            truth.add(int(within.sum()), *path, "units")
            truth.add(int((within & converted).sum()), *path, "units_with_purchase_event")
            truth.add(int((within & in_time).sum()), *path, "units_with_purchase_event_in_time")


def count_carts(truth: Truth, sessions: Array, carts: Array, devices: Array) -> None:
    """Count carts that were started, bought and emptied on a day."""
    with_cart = sessions[sessions["cart"] >= 0]
    agreed = devices["consent"][with_cart["device"]] > 0
    bought = with_cart["depth"] == PURCHASE
    seen_before = np.array([number in truth.known_carts for number in carts["number"].tolist()])
    new = set(carts["number"][agreed].tolist()) - truth.known_carts
    truth.known_carts |= new
    truth.add(len(new) + int((~agreed).sum()), "carts", "started")
    is_known = agreed | with_cart["is_tracked"]  # that the cart became an order
    truth.add(int((bought & is_known).sum()), "carts", "bought")
    truth.add(int((~bought & (carts["kept"] == 0)).sum()), "carts", "emptied")
    late = bought & agreed & seen_before.astype(bool) & (carts["idle_ms"] > DAY_MS)
    truth.add(int(late.sum()), "carts", "bought_after_more_than_24_hours_idle")
    reminded = bought & agreed & (carts["reminder"] == SENT)
    truth.add(int(reminded.sum()), "carts", "bought_after_reminder")
    held_out = bought & (carts["reminder"] == HELD_OUT)
    truth.add(int(held_out.sum()), "carts", "bought_after_being_held_out")


def count_orders(truth: Truth, placed: Placed, is_voided: Array) -> None:
    """Count orders and their money; `is_voided` marks those voided by the last day."""
    orders, lines = placed.orders, placed.lines
    is_real = ~orders["is_test"]
    is_valid = is_real & ~is_voided
    facts = {
        "all": np.ones(len(orders), dtype=bool),
        "test": orders["is_test"],
        "real": is_real,
        "voided": is_voided,
        "valid": is_valid,
        "without_purchase_event": is_real & ~orders["is_tracked"],
        "without_visitor_id": is_real & (orders["device"] < 0),
        "by_guests": is_real & orders["is_guest"],
        "with_coupon": orders["coupon"] >= 0,
        "with_unallocated_discount": (orders["discount"] > 0) & ~orders["is_allocated"],
        "with_taxes_included": orders["taxes_included"],
        "with_gift_card": np.bincount(lines["order"], lines["is_gift"], len(orders)) > 0,
        "with_odd_email": orders["email_form"] > 0,
    }
    for name, mask in facts.items():
        truth.add(int(mask.sum()), "orders", name)
    truth.add_codes(rates.FATE_NAMES, orders["fate"][is_real].astype(np.int64), "orders", "by_fate")
    for currency, name in enumerate(rates.CURRENCIES):
        for included in (False, True):
            within = is_valid & (orders["currency"] == currency)
            within &= orders["taxes_included"] == included
            _count_money(truth, placed, within, sales_path(name, included))


def sales_path(currency: str, taxes_included: bool) -> tuple[str, ...]:
    """Where the money of one currency and tax handling is counted."""
    return ("sales", currency, "taxes_included" if taxes_included else "taxes_added")


def _count_money(truth: Truth, placed: Placed, within: Array, path: tuple[str, ...]) -> None:
    orders, lines = placed.orders[within], placed.lines
    chosen = lines[within[lines["order"]]]
    goods = chosen[~chosen["is_gift"]]
    gifts = chosen[chosen["is_gift"]]
    truth.add(len(orders), *path, "orders")
    truth.add(int(goods["quantity"].sum()), *path, "units")
    truth.add(int((goods["price"] * goods["quantity"]).sum()), *path, "gross_cents")
    truth.add(int((gifts["price"] * gifts["quantity"]).sum()), *path, "gift_card_cents")
    for field in ("discount", "subtotal", "tax", "shipping", "total"):
        truth.add(int(orders[field].sum()), *path, f"{field}_cents")


def count_versions(truth: Truth, versions: Array) -> None:
    """Count later versions of orders, and what those cancelled without a refund give back."""
    truth.add(len(versions), "orders", "later_versions")
    for currency, name in enumerate(rates.CURRENCIES):
        for included in (False, True):
            within = (versions["fate"] == FATE_UNPAID) & (versions["currency"] == currency)
            chosen = versions[within & (versions["taxes_included"] == included)]
            path = sales_path(name, included)
            goods = chosen["subtotal"] - chosen["tax"] * included
            truth.add(len(chosen), *path, "orders_cancelled_without_refund")
            truth.add(int(goods.sum()), *path, "cancelled_without_refund_cents")


def count_messages(truth: Truth, messages: Array) -> None:
    """Count the reminders of a day."""
    truth.add(len(messages), "messages", "sent")
    truth.add(int((messages["opened_at"] > 0).sum()), "messages", "opened")
    truth.add(int((messages["clicked_at"] > 0).sum()), "messages", "clicked")


def count_refunds(truth: Truth, refunds: Array) -> None:
    """Count refunded lines and their money on the day of the refund."""
    for currency, name in enumerate(rates.CURRENCIES):
        for included in (False, True):
            within = refunds["currency"] == currency
            chosen = refunds[within & (refunds["taxes_included"] == included)]
            path = sales_path(name, included)
            truth.add(len(chosen), *path, "refund_lines")
            truth.add(int(chosen["amount"].sum()), *path, "refund_cents")
            truth.add(int(chosen["tax"].sum()), *path, "refund_tax_cents")
            truth.add(int(chosen["shipping"].sum()), *path, "refund_shipping_cents")
    truth.add(len(np.unique(refunds["order"])), "orders", "refunded")


def count_people(truth: Truth, people: People) -> None:
    """Count visitors, accounts and buyers at the end."""
    rows, devices = people.rows, people.devices
    buyers = rows["order_count"] > 0
    repeats = rows["order_count"] > 1
    counts = {
        "people": len(rows),
        "visitors": int(devices["is_seen"].sum()),
        "accounts": int((rows["created_at"] > 0).sum()),
        "buyers": int(buyers.sum()),
        "buyers_with_account": int((buyers & ~rows["is_guest"]).sum()),
        "buyers_as_guests": int((buyers & rows["is_guest"]).sum()),
        "repeat_buyers": int(repeats.sum()),
        "repeat_buyers_with_account": int((repeats & ~rows["is_guest"]).sum()),
        "shared_devices": int(devices["is_shared"].sum()),
    }
    for name, count in counts.items():
        truth.add(count, "people", name)


def run_parameters(days: int, visitors: int, seed: int, dialects: Sequence[str]) -> dict[str, Any]:
    """The parameters of one run, for truth.json."""
    run = {
        "days": days,
        "visitors": visitors,
        "seed": seed,
        "dialects": list(dialects),
        "first_date": FIRST_DATE.isoformat(),
        "time_zone": "UTC",
        "main_currency": rates.CURRENCIES[0],
    }
    return {"run": run, **rates.parameters()}
