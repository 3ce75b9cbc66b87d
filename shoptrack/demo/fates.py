"""What becomes of an order: late payment, cancellation, return, review."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from shoptrack.demo import rates, text
from shoptrack.demo.catalogue import Catalogue
from shoptrack.demo.draws import Agenda, Array, office_time, stream, wait_days
from shoptrack.demo.events import order_id_text
from shoptrack.demo.orders import (
    FATE_AUTHORIZED,
    FATE_CANCELLED,
    FATE_LATER,
    FATE_PAID,
    FATE_UNPAID,
    FATE_VOIDED,
    ORDER,
    PAID,
    PARTIALLY_REFUNDED,
    PENDING,
    REFUNDED,
    VOIDED,
    Placed,
    line_ids,
)
from shoptrack.demo.people import customer_ids

_LATER_STATUS = np.array([PAID, PAID, PAID, VOIDED, REFUNDED, PENDING])
_LATER_DAYS = np.array([[0, 0], [1, 3], [1, 2], [3, 6], [1, 3], [2, 4]])
REFUND = np.dtype(
    [
        ("order", "i8"),
        ("line", "i8"),
        ("quantity", "i2"),
        ("amount", "i8"),
        ("tax", "i8"),
        ("shipping", "i8"),
        ("reason", "i1"),
        ("is_restocked", "?"),
        ("variant", "i2"),
        ("currency", "i1"),
        ("taxes_included", "?"),
        ("at", "i8"),
    ]
)
REVIEW = np.dtype(
    [("line", "i8"), ("order", "i8"), ("person", "i4"), ("product", "i2"), ("rating", "i1")]
)


class Fates:
    """Draws what becomes of new orders, and knows what is due on a day."""

    def __init__(self, seed: int, days: int) -> None:
        self._seed = seed
        self._versions = Agenda(days)
        self._refunds = Agenda(days)
        self._reviews = Agenda(days)

    def plan(self, day: int, placed: Placed, catalogue: Catalogue) -> Array:
        """Draw the fates of new orders; returns the day on which each is voided, or a far day."""
        rng = stream(self._seed, "fates", day)
        orders = placed.orders
        low, high = _LATER_DAYS[orders["fate"]].T
        due = day + low + (rng.random(len(orders)) * (high - low + 1)).astype(np.int64)
        later = orders.copy()
        later["status"] = _LATER_STATUS[orders["fate"]]
        changes = orders["fate"] != FATE_PAID
        self._versions.put(due[changes], later[changes])
        self._plan_returns(rng, day, placed, catalogue, due)
        self._plan_reviews(rng, day, placed, catalogue)
        return np.where(orders["fate"] == FATE_VOIDED, due, np.iinfo(np.int64).max)

    def _plan_returns(
        self, rng: np.random.Generator, day: int, placed: Placed, catalogue: Catalogue, due: Array
    ) -> None:
        orders, lines = placed.orders, placed.lines
        fate = orders["fate"][lines["order"]]
        is_cancelled = fate == FATE_CANCELLED
        chance = rates.RETURN_SHARE[catalogue.category[catalogue.product[lines["variant"]]]]
        may_return = np.isin(fate, (FATE_PAID, FATE_LATER, FATE_AUTHORIZED))
        may_return &= ~orders["is_test"][lines["order"]]
        returns = may_return & (rng.random(len(lines)) < chance)
        keeps_some = returns & (lines["quantity"] > 1) & (rng.random(len(lines)) < 0.5)
        quantity = np.where(keeps_some, 1, lines["quantity"])
        refunds = _refund_lines(rng, placed, quantity)
        is_whole = (returns & ~keeps_some) | is_cancelled
        kept = np.bincount(lines["order"], ~is_whole, minlength=len(orders))
        is_first = np.diff(lines["order"], prepend=-1) != 0
        with_shipping = is_first & (kept[lines["order"]] == 0)
        refunds["shipping"] = orders["shipping"][lines["order"]] * with_shipping
        wait = day + wait_days(rng, len(orders), *rates.REFUND_DAYS)
        due_by_line = np.where(is_cancelled, due[lines["order"]], wait[lines["order"]])
        chosen = returns | is_cancelled
        self._refunds.put(due_by_line[chosen], refunds[chosen])
        returned = np.unique(lines["order"][returns])
        versions = orders[returned].copy()
        versions["status"] = np.where(kept[returned] == 0, REFUNDED, PARTIALLY_REFUNDED)
        self._versions.put(wait[returned], versions)

    def _plan_reviews(
        self, rng: np.random.Generator, day: int, placed: Placed, catalogue: Catalogue
    ) -> None:
        orders, lines = placed.orders, placed.lines
        fate = orders["fate"][lines["order"]]
        writes = (rng.random(len(lines)) < rates.REVIEW_SHARE) & (fate < FATE_VOIDED)
        writes &= ~orders["is_test"][lines["order"]] & ~lines["is_gift"]
        wait = wait_days(rng, len(lines), *rates.REVIEW_DAYS)
        reviews = np.zeros(len(lines), REVIEW)
        reviews["line"] = lines["number"]
        reviews["order"] = orders["number"][lines["order"]]
        is_guest = orders["is_guest"][lines["order"]]
        reviews["person"] = np.where(is_guest, -1, orders["person"][lines["order"]])
        reviews["product"] = catalogue.product[lines["variant"]]
        mean = catalogue.quality[reviews["product"]]
        reviews["rating"] = np.clip(np.round(rng.normal(mean, 1.0)), 1, 5)
        self._reviews.put((day + wait)[writes], reviews[writes])

    def versions_due(self, day: int) -> Array:
        """Later versions (dtype ORDER) of orders that are written on a day."""
        due = self._versions.take(day, ORDER)
        due["updated_at"] = office_time(day, due["number"])
        is_cancelled = np.isin(due["fate"], (FATE_CANCELLED, FATE_UNPAID))
        due["cancelled_at"] = np.where(is_cancelled, due["updated_at"], 0)
        return due

    def refunds_due(self, day: int) -> Array:
        """Refunded lines (dtype REFUND) of a day."""
        due = self._refunds.take(day, REFUND)
        due["at"] = office_time(day, due["order"])
        return due

    def reviews_due(self, day: int) -> Array:
        """Reviews (dtype REVIEW) of a day by buyers."""
        return self._reviews.take(day, REVIEW)


def _refund_lines(rng: np.random.Generator, placed: Placed, quantity: Array) -> Array:
    """What each line would give back for a quantity: its value without tax, and its tax."""
    orders, lines = placed.orders, placed.lines
    refunds = np.zeros(len(lines), REFUND)
    included = orders["taxes_included"][lines["order"]]
    value = lines["price"] * lines["quantity"] - lines["discount"] - lines["tax"] * included
    refunds["order"] = orders["number"][lines["order"]]
    refunds["line"] = lines["number"]
    refunds["quantity"] = quantity
    refunds["amount"] = value * quantity // lines["quantity"]
    refunds["tax"] = lines["tax"] * quantity // lines["quantity"]
    refunds["reason"] = rng.integers(0, len(rates.REFUND_REASONS), len(lines))
    refunds["is_restocked"] = rng.random(len(lines)) < rates.RESTOCK_SHARE
    refunds["variant"] = lines["variant"]
    refunds["currency"] = orders["currency"][lines["order"]]
    refunds["taxes_included"] = included
    return refunds


def refunds_table(refunds: Array) -> pa.Table:
    """Rows of shop.refunds."""
    return pa.table(
        {
            "refund_line_id": text.numbered("5", refunds["line"], 8),
            "refund_id": text.numbered("4", refunds["order"], 7),
            "order_id": order_id_text(refunds["order"]),
            "order_line_id": line_ids(refunds["line"]),
            "refunded_at": text.moments(refunds["at"]),
            "quantity": text.numbered("", refunds["quantity"]),
            "amount": text.money(refunds["amount"]),
            "tax": text.money(refunds["tax"]),
            "shipping": text.money(refunds["shipping"]),
            "reason": text.coded(rates.REFUND_REASONS, refunds["reason"]),
            "is_restocked": pa.array(refunds["is_restocked"]),
        }
    )


def reviews_table(seed: int, day: int, reviews: Array, catalogue: Catalogue) -> pa.Table:
    """Rows of shop.reviews: those of buyers, and now and then one by somebody unknown."""
    rng = stream(seed, "unknown reviews", day)
    unknown = np.zeros(int(rng.poisson(0.05 * len(reviews) + 0.05)), REVIEW)
    unknown["line"] = day * 1000 + np.arange(len(unknown))
    unknown["person"] = -1
    unknown["product"] = rng.integers(0, len(catalogue.category) - 1, len(unknown))
    unknown["rating"] = rng.integers(1, 6, len(unknown))
    rows = np.concatenate([reviews, unknown])
    return pa.table(
        {
            "review_id": text.numbered("RV", rows["line"]),
            "product_id": text.coded(catalogue.product_ids, rows["product"]),
            "customer_id": customer_ids(rows["person"]),
            "order_id": order_id_text(rows["order"]),
            "rating": text.numbered("", rows["rating"]),
            "reviewed_at": text.moments(office_time(day, rows["line"])),
            "is_verified": pa.array(rows["order"] > 0),
        }
    )
