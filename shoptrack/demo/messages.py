"""E-mail reminders of abandoned carts, and who comes back because of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoptrack.demo import rates, text
from shoptrack.demo.behaviour import CHECKOUT, PURCHASE
from shoptrack.demo.draws import HOUR_MS, MINUTE_MS, SECOND_MS, Agenda, Array, day_start, stream
from shoptrack.demo.events import cart_id_text
from shoptrack.demo.people import REMINDER, VISIT, People, customer_ids, visitor_ids, visits

SENT, HELD_OUT = 1, 2
WAIT_DAYS = 2
ABANDONED = np.dtype([("person", "i4"), ("device", "i4"), ("cart", "i8"), ("at", "i8")])
MESSAGE = np.dtype(
    [
        ("person", "i4"),
        ("device", "i4"),
        ("cart", "i8"),
        ("sent_at", "i8"),
        ("opened_at", "i8"),
        ("clicked_at", "i8"),
    ]
)


class Reminders:
    """Reminds of carts that have lain for more than a day, where the address is known.

    A random fifth of the carts is held out, so the effect of a reminder can be measured.
    """

    def __init__(self, seed: int, days: int) -> None:
        self._seed = seed
        self._abandoned = Agenda(days)

    def note(self, day: int, people: People, sessions: Array, carts: Array) -> None:
        """Note the carts that were left on a day by a person whose address is known."""
        left = sessions[(sessions["cart"] >= 0) & (sessions["depth"] != PURCHASE)]
        cart = carts[left["cart"]]
        has_address = people.rows["has_account"][left["person"]] | (left["depth"] >= CHECKOUT)
        wanted = has_address & (cart["kept"] > 0) & (cart["reminder"] == 0)
        abandoned = np.zeros(int(wanted.sum()), ABANDONED)
        abandoned["person"] = left["person"][wanted]
        abandoned["device"] = left["device"][wanted]
        abandoned["cart"] = cart["number"][wanted]
        abandoned["at"] = left["end"][wanted]
        self._abandoned.put(np.full(len(abandoned), day + WAIT_DAYS), abandoned)

    def send(self, day: int, people: People) -> tuple[Array, Array]:
        """Messages (dtype MESSAGE) of a day, and the visits of those who click."""
        rng = stream(self._seed, "reminders", day)
        due = self._abandoned.take(day, ABANDONED)
        rows = people.rows
        person = due["person"]
        is_open = (rows["cart_size"][person] > 0) & (rows["cart"][person] == due["cart"])
        due = due[is_open & (rows["cart_at"][person] == due["at"])]
        is_sent = rng.random(len(due)) < rates.REMINDER_SENT
        rows["cart_reminder"][due["person"]] = np.where(is_sent, SENT, HELD_OUT)
        messages = np.zeros(int(is_sent.sum()), MESSAGE)
        for field in ("person", "device", "cart"):
            messages[field] = due[field][is_sent]
        size = len(messages)
        messages["sent_at"] = day_start(day) + rng.integers(6 * HOUR_MS, 9 * HOUR_MS, size)
        opened = messages["sent_at"] + rng.integers(MINUTE_MS, 9 * HOUR_MS, size)
        draw = rng.random(size)
        _, is_first = np.unique(people.rows["device"][messages["person"]], return_index=True)
        clicks = np.zeros(size, dtype=bool)
        clicks[is_first] = draw[is_first] < rates.REMINDER_CLICKED
        messages["opened_at"] = np.where(clicks | (draw < rates.REMINDER_OPENED), opened, 0)
        messages["clicked_at"] = np.where(clicks, opened + 20 * SECOND_MS, 0)
        coming = visits(messages["person"][clicks], REMINDER)
        coming["at"] = messages["clicked_at"][clicks] + 2 * SECOND_MS
        return messages, coming.astype(VISIT)


def messages_table(messages: Array, people: People, seed: int) -> pa.Table:
    """Rows of shop.messages; the person is the customer, or the visitor without an account."""
    has_account = people.rows["has_account"][messages["person"]]
    customer = customer_ids(np.where(has_account, messages["person"], -1))
    return pa.table(
        {
            "message_id": text.hex_ids(messages["cart"], seed * 7 + 6),
            "kind": text.coded(["cart_reminder"], np.zeros(len(messages), dtype=np.int64)),
            "person_key": pc.coalesce(customer, visitor_ids(messages["device"], seed)),
            "cart_id": cart_id_text(messages["cart"], seed),
            "sent_at": text.moments(messages["sent_at"]),
            "opened_at": text.moments(messages["opened_at"]),
            "clicked_at": text.moments(messages["clicked_at"]),
        }
    )
