"""Orders and their lines, exact to the cent, and the later versions of orders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoptrack.demo import rates, text
from shoptrack.demo.behaviour import PURCHASE
from shoptrack.demo.catalogue import Catalogue
from shoptrack.demo.draws import Array, office_time, pick, stream
from shoptrack.demo.events import cart_id_text, order_id_text
from shoptrack.demo.people import CART_LINES, People, customer_ids, emails, visitor_ids

FIRST_ORDER = 100_001
PAID, PENDING, AUTHORIZED, VOIDED, PARTIALLY_REFUNDED, REFUNDED = range(6)
STATUS_NAMES = ("paid", "pending", "authorized", "voided", "partially_refunded", "refunded")
FATE_PAID, FATE_LATER, FATE_AUTHORIZED, FATE_VOIDED, FATE_CANCELLED, FATE_UNPAID = range(6)
_FIRST_STATUS = np.array([PAID, PENDING, AUTHORIZED, PENDING, PAID, PENDING])

ORDER = np.dtype(
    [
        ("number", "i8"),
        ("person", "i4"),
        ("is_guest", "?"),
        ("device", "i4"),
        ("cart", "i8"),
        ("at", "i8"),
        ("updated_at", "i8"),
        ("cancelled_at", "i8"),
        ("status", "i1"),
        ("fate", "i1"),
        ("currency", "i1"),
        ("rate", "i8"),
        ("subtotal", "i8"),
        ("discount", "i8"),
        ("tax", "i8"),
        ("shipping", "i8"),
        ("total", "i8"),
        ("taxes_included", "?"),
        ("is_test", "?"),
        ("is_tracked", "?"),
        ("coupon", "i1"),
        ("is_allocated", "?"),
        ("country", "i1"),
        ("email_form", "i1"),
    ]
)
LINE = np.dtype(
    [
        ("order", "i4"),
        ("number", "i8"),
        ("variant", "i2"),
        ("quantity", "i2"),
        ("price", "i8"),
        ("discount", "i8"),
        ("tax", "i8"),
        ("cost", "i8"),
        ("is_gift", "?"),
    ]
)


@dataclass(frozen=True)
class Placed:
    """Orders (dtype ORDER) and their lines (dtype LINE, `order` is an index into the orders)."""

    orders: Array
    lines: Array


class Orders:
    """Places the day's orders."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._count = 0

    def place(
        self, day: int, people: People, catalogue: Catalogue, sessions: Array, carts: Array
    ) -> Placed:
        """Orders of the sessions that end in a purchase, then a few test orders; sets `order`.

        Their `rate` is still to be set by `set_rates`.
        """
        rng = stream(self._seed, "orders", day)
        bought = np.flatnonzero(sessions["depth"] == PURCHASE)
        tests = int(rng.poisson(rates.TEST_ORDER_SHARE * len(bought) + 0.02))
        orders = np.zeros(len(bought) + tests, ORDER)
        orders["number"] = FIRST_ORDER + self._count + np.arange(len(orders))
        self._count += len(orders)
        _set_buyers(rng, people, orders, sessions[bought])
        _set_tests(day, orders[len(bought) :])
        orders["cart"][: len(bought)] = carts["number"][sessions["cart"][bought]]
        sessions["order"][bought] = np.arange(len(bought))
        variant, quantity, size = _baskets(rng, catalogue, carts[sessions["cart"][bought]], tests)
        lines = _lines(rng, catalogue, orders, variant, quantity, size)
        _keep_gift_orders(orders, lines)
        _discount(rng, day, orders, lines)
        _tax_and_total(orders, lines)
        return Placed(orders, lines)

    def set_rates(self, day: int, orders: Array, by_currency: Array) -> None:
        """Note the day's rates (1/100,000 EUR per unit) on the orders; a few go without."""
        rng = stream(self._seed, "order rates", day)
        is_missing = rng.random(len(orders)) < rates.MISSING_RATE_SHARE
        orders["rate"] = np.where(is_missing, 0, by_currency[orders["currency"]])


def _set_buyers(rng: np.random.Generator, people: People, orders: Array, sessions: Array) -> None:
    size = len(sessions)
    bought = orders[:size]
    persons = people.rows[sessions["person"]]
    bought["person"] = sessions["person"]
    bought["is_guest"] = persons["is_guest"]
    is_hidden = rng.random(size) < rates.MISSING_VISITOR_SHARE
    bought["device"] = np.where(is_hidden, -1, sessions["device"])
    bought["at"] = bought["updated_at"] = sessions["end"]
    bought["fate"] = pick(rng, rates.FATE_SHARES, size)
    bought["status"] = _FIRST_STATUS[bought["fate"]]
    bought["currency"] = sessions["currency"]
    bought["country"] = sessions["country"]
    bought["is_tracked"] = sessions["is_tracked"]
    bought["taxes_included"] = rng.random(size) < rates.TAXES_INCLUDED_SHARE
    is_odd = rng.random(size) < rates.EMAIL_CASE_SHARE
    bought["email_form"] = np.where(is_odd, rng.integers(1, 3, size), 0)


def _set_tests(day: int, tests: Array) -> None:
    tests["is_test"] = True
    tests["person"] = tests["device"] = -1
    tests["at"] = tests["updated_at"] = office_time(day, tests["number"])


def _baskets(
    rng: np.random.Generator, catalogue: Catalogue, carts: Array, tests: int
) -> tuple[Array, Array, Array]:
    """Variants and quantities, (order, line), and lines per order; a test order has one line."""
    variant = np.zeros((tests, CART_LINES), dtype=np.int64)
    variant[:, 0] = rng.integers(0, int((~catalogue.is_gift).sum()), tests)
    ones = np.ones((tests, CART_LINES), dtype=np.int64)
    return (
        np.concatenate([carts["variant"], variant]),
        np.concatenate([carts["quantity"], ones]),
        np.concatenate([carts["kept"], ones[:, 0]]),
    )


def _lines(  # noqa: PLR0913, PLR0917
    rng: np.random.Generator,
    catalogue: Catalogue,
    orders: Array,
    variant: Array,
    quantity: Array,
    size: Array,
) -> Array:
    order, position = np.nonzero(np.arange(CART_LINES)[None, :] < size[:, None])
    lines = np.zeros(len(order), LINE)
    lines["order"] = order
    lines["number"] = orders["number"][order] * 10 + position + 1
    lines["variant"] = chosen = variant[order, position]
    lines["quantity"] = quantity[order, position]
    rate = rates.LIST_RATE[orders["currency"][order]]
    lines["price"] = np.round(catalogue.price_cents[chosen] * rate)
    lines["is_gift"] = catalogue.is_gift[chosen]
    is_unknown = rng.random(len(lines)) < rates.UNKNOWN_COST_SHARE
    cost = np.round(catalogue.cost_cents[chosen] * rate)
    lines["cost"] = np.where(is_unknown, -1, cost)
    return lines


def _keep_gift_orders(orders: Array, lines: Array) -> None:
    """Orders with a gift card are neither cancelled nor voided."""
    has_gift = np.bincount(lines["order"], lines["is_gift"], minlength=len(orders)) > 0
    is_ended = has_gift & (orders["fate"] >= FATE_VOIDED)
    orders["fate"][is_ended] = FATE_PAID
    orders["status"][is_ended] = PAID


def _discount(rng: np.random.Generator, day: int, orders: Array, lines: Array) -> None:
    """Give coupons to orders without a gift card, and each line its exact share."""
    size = len(orders)
    is_campaign = rates.in_coupon_campaign(day)
    share = rates.COUPON_SHARE_IN_CAMPAIGN if is_campaign else rates.COUPON_SHARE
    has_gift = np.bincount(lines["order"], lines["is_gift"], minlength=size) > 0
    has_coupon = (rng.random(size) < share) & ~has_gift & ~orders["is_test"]
    orders["coupon"] = np.where(has_coupon, int(is_campaign), -1)
    orders["is_allocated"] = rng.random(size) >= rates.UNALLOCATED_SHARE
    amount = lines["price"] * lines["quantity"]
    gross = _order_sum(lines, amount, size)
    percent = np.where(has_coupon, rates.COUPON_PERCENT[orders["coupon"]], 0)
    orders["discount"] = gross * percent // 100
    orders["subtotal"] = gross - orders["discount"]
    lines["discount"] = allocate(orders["discount"], lines["order"], amount)


def _tax_and_total(orders: Array, lines: Array) -> None:
    points = rates.TAX_BASIS_POINTS[orders["country"]][lines["order"]] * ~lines["is_gift"]
    net = lines["price"] * lines["quantity"] - lines["discount"]
    is_included = orders["taxes_included"][lines["order"]]
    base = np.where(is_included, 10_000 + points, 10_000)
    lines["tax"] = (2 * net * points + base) // (2 * base)
    orders["tax"] = _order_sum(lines, lines["tax"], len(orders))
    fee = rates.SHIPPING_CENTS[orders["currency"]]
    all_gifts = np.bincount(lines["order"], ~lines["is_gift"], minlength=len(orders)) == 0
    is_free = (orders["subtotal"] >= rates.FREE_SHIPPING_CENTS) | all_gifts
    orders["shipping"] = np.where(is_free, 0, fee)
    extra = np.where(orders["taxes_included"], 0, orders["tax"])
    orders["total"] = orders["subtotal"] + extra + orders["shipping"]


def _order_sum(lines: Array, amount: Array, size: int) -> Array:
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, lines["order"], amount)
    return total


def allocate(totals: Array, group: Array, weight: Array) -> Array:
    """Split each total over its group's members by weight, exact to the cent (largest remainder).

    totals: (groups,) cents; group, weight: (members,), groups contiguous. Ties go to the first.
    """
    weight = weight.astype(np.int64)
    whole = np.zeros(len(totals), dtype=np.int64)
    np.add.at(whole, group, weight)
    scaled = totals[group] * weight
    whole_of = np.maximum(whole[group], 1)
    share = scaled // whole_of
    remainder = scaled % whole_of
    missing = totals.copy()
    np.subtract.at(missing, group, share)
    order = np.lexsort((-remainder / whole_of, group))
    starts = np.searchsorted(group[order], np.arange(len(totals)))
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - starts[group[order]]
    result: Array = share + (rank < missing[group])
    return result


def orders_table(orders: Array, seed: int) -> pa.Table:
    """Rows of shop.orders: one per version."""
    rate = text.blank(rate_text(orders["rate"]), orders["rate"] == 0)
    has_account = (orders["person"] >= 0) & ~orders["is_guest"]
    return pa.table(
        {
            "order_id": order_id_text(orders["number"]),
            "ordered_at": text.moments(orders["at"]),
            "customer_id": customer_ids(np.where(has_account, orders["person"], -1)),
            "email": _order_emails(orders),
            "updated_at": text.moments(orders["updated_at"]),
            "cancelled_at": text.moments(orders["cancelled_at"]),
            "financial_status": text.coded(STATUS_NAMES, orders["status"]),
            "currency": text.coded(rates.CURRENCIES, orders["currency"]),
            "fx_rate": rate,
            "subtotal": text.money(orders["subtotal"]),
            "discount_total": text.money(orders["discount"]),
            "tax_total": text.money(orders["tax"]),
            "shipping_total": text.money(orders["shipping"]),
            "total": text.money(orders["total"]),
            "taxes_included": pa.array(orders["taxes_included"]),
            "is_test": pa.array(orders["is_test"]),
            "coupon": text.coded(rates.COUPONS, orders["coupon"]),
            "cart_id": cart_id_text(orders["cart"], seed),
            "visitor_id": visitor_ids(orders["device"], seed),
            "country": text.coded(rates.COUNTRIES, orders["country"]),
        }
    )


def line_ids(numbers: Array) -> pa.Array:
    """Ids of order lines."""
    return text.numbered("3", numbers, 8)


def rate_text(rate: Array) -> pa.Array:
    """Exchange rates, given in 1/100,000, as text with five decimals."""
    fraction = text.numbered("", rate % 100_000, 5)
    return pc.binary_join_element_wise(text.numbered("", rate // 100_000), fraction, ".")


def _order_emails(orders: Array) -> pa.Array:
    """The buyer's address; a few in capitals or with a space, as people type them."""
    usual = pc.if_else(
        pa.array(orders["is_test"]), "qa@demo-shop.example", emails(orders["person"])
    )
    form = orders["email_form"]
    shouted = pc.if_else(pa.array(form == 1), pc.utf8_upper(usual), usual)
    spaced = pc.binary_join_element_wise(usual, pa.scalar(" "), "")
    return pc.if_else(pa.array(form == 2), spaced, shouted)


def lines_table(placed: Placed, catalogue: Catalogue) -> pa.Table:
    """Rows of shop.order_lines; a discount that the source kept on the order has no allocation."""
    lines, orders = placed.lines, placed.orders
    product = catalogue.product[lines["variant"]]
    is_kept = (orders["discount"] > 0) & ~orders["is_allocated"]
    return pa.table(
        {
            "order_line_id": line_ids(lines["number"]),
            "order_id": order_id_text(orders["number"][lines["order"]]),
            "product_id": text.coded(catalogue.product_ids, product),
            "variant_id": text.coded(catalogue.variant_ids, lines["variant"]),
            "sku": text.coded(catalogue.skus, lines["variant"]),
            "title": text.coded(catalogue.titles, lines["variant"]),
            "quantity": text.numbered("", lines["quantity"]),
            "unit_price": text.money(lines["price"]),
            "discount_allocated": text.blank(
                text.money(lines["discount"]), is_kept[lines["order"]]
            ),
            "tax": text.money(lines["tax"]),
            "is_gift_card": pa.array(lines["is_gift"]),
            "unit_cost": text.blank(text.money(np.maximum(lines["cost"], 0)), lines["cost"] < 0),
        }
    )
