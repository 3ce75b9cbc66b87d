"""What people do in a session: how far they get in the funnel, and what is in their carts."""

from __future__ import annotations

import numpy as np

from shoptrack.demo import rates
from shoptrack.demo.catalogue import Catalogue
from shoptrack.demo.draws import DAY_MS, Array, pick, stream
from shoptrack.demo.marketing import CHANNEL_OF_ENTRY
from shoptrack.demo.people import AGAIN, CART_LINES, NEW, REMINDER, REPEAT, People
from shoptrack.demo.visits import device_kinds

BOUNCE, PAGES, VIEW, CART, CHECKOUT, SHIPPING, PAYMENT, PURCHASE = range(8)
CART_STATE = np.dtype(
    [
        ("number", "i8"),
        ("is_new", "?"),
        ("old", "i1"),
        ("added", "i1"),
        ("shown", "i1"),
        ("kept", "i1"),
        ("has_page", "?"),
        ("variant", "i2", (CART_LINES,)),
        ("quantity", "i1", (CART_LINES,)),
        ("idle_ms", "i8"),
        ("reminder", "i1"),
    ]
)


def decide(seed: int, day: int, people: People, sessions: Array) -> None:
    """Fill in how far each session gets, and how many pages and products it shows.

    A prospect buys with the conversion of the channel and device, raised by the experiment; one who
    has bought before buys only in the visits that repeat buying planned.
    """
    rng = stream(seed, "behaviour", day)
    size = len(sessions)
    depth = pick(rng, rates.DEPTH_SHARES, size)
    depth = np.where(sessions["kind"] == AGAIN, np.minimum(depth, VIEW), depth)
    is_reminded = sessions["kind"] == REMINDER
    depth = np.where(is_reminded, np.maximum(depth, CHECKOUT), depth)
    buys = rng.random(size) < _conversion(day, people, sessions)
    sessions["depth"] = np.where(buys, PURCHASE, depth)
    reach = sessions["depth"]
    lists = rng.geometric(1 / rates.LIST_PAGES_MEAN, size) + (reach == PAGES)
    views = rng.geometric(1 / rates.PRODUCT_VIEWS_MEAN, size)
    sessions["lists"] = np.where(reach == BOUNCE, 1, np.minimum(lists, 14))
    sessions["views"] = np.where(reach < VIEW, 0, np.minimum(views, 14))
    signs_up = (rng.random(size) < rates.SIGN_UP_SHARE) & (sessions["kind"] == NEW)
    persons = people.rows[sessions["person"]]
    signs_up &= ~persons["is_guest"] & (reach > BOUNCE)
    will_have = persons["has_account"] | ((reach == PURCHASE) & ~persons["is_guest"])
    sessions["is_known_at_checkout"] = (will_have & (reach >= SHIPPING)) | sessions["is_logged_in"]
    sessions["is_tracked"] = rng.random(size) >= rates.UNTRACKED_SHARE
    sessions["signs_up"] = signs_up


def _conversion(day: int, people: People, sessions: Array) -> Array:
    kind = sessions["kind"]
    channel = CHANNEL_OF_ENTRY[sessions["entry"]]
    chance = rates.CONVERSION[channel] * rates.DEVICE_CONVERSION[device_kinds(people, sessions)]
    chance *= 1 + rates.EXPERIMENTS[0]["effect"] * sessions["is_treated"]
    if rates.in_coupon_campaign(day):
        chance *= rates.COUPON_CONVERSION_FACTOR
    chance = np.where(kind == REMINDER, rates.REMINDER_CONVERSION, chance)
    chance = np.where(can_buy(people, sessions), chance, 0.0)
    return np.where(kind == REPEAT, 1.0, chance)


def can_buy(people: People, sessions: Array) -> Array:
    """Whether each session may end in its person's first purchase."""
    is_human = sessions["bot"] == 0
    has_bought = people.rows["has_bought"][sessions["person"]] if is_human.any() else ~is_human
    free: Array = is_human & ~has_bought & (sessions["kind"] != AGAIN)
    return free


class Carts:
    """Fills carts; a cart stays with its person until it is bought, emptied or ten days old."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._count = 0

    def fill(
        self, day: int, people: People, catalogue: Catalogue, is_available: Array, sessions: Array
    ) -> Array:
        """Carts (dtype CART_STATE) of the sessions that reach one; sets `cart` and `views`."""
        rng = stream(self._seed, "carts", day)
        at = np.flatnonzero(sessions["depth"] >= CART)
        carts = self._opened(people, sessions[at])
        reach = sessions["depth"][at]
        wanted = pick(rng, rates.CART_LINE_SHARES, len(at)) + 1
        adds_none = (carts["old"] > 0) & (reach > CART) & (rng.random(len(at)) < 0.6)
        added = np.minimum(np.where(adds_none, 0, wanted), CART_LINES - carts["old"])
        carts["added"] = added
        carts["shown"] = carts["old"] + added
        weights = catalogue.purchase_weights(day, is_available)
        _add_lines(rng, catalogue, weights, is_available, carts)
        carts["has_page"] = (reach > CART) | (added == 0) | (rng.random(len(at)) < 0.4)
        removes = carts["has_page"] & (rng.random(len(at)) < rates.CART_REMOVAL_SHARE)
        removes &= (reach == CART) | (carts["shown"] > 1)
        carts["kept"] = carts["shown"] - removes
        sessions["cart"][at] = np.arange(len(at))
        sessions["views"][at] = np.maximum(sessions["views"][at], added)
        return carts

    def _opened(self, people: People, sessions: Array) -> Array:
        persons = people.rows[sessions["person"]]
        carts = np.zeros(len(sessions), CART_STATE)
        age = sessions["start"] - persons["cart_at"]
        is_open = (persons["cart_size"] > 0) & (age <= rates.CART_KEPT_DAYS * DAY_MS)
        fresh = np.cumsum(~is_open) + self._count
        carts["number"] = np.where(is_open, persons["cart"], fresh)
        self._count += int((~is_open).sum())
        carts["is_new"] = ~is_open
        carts["old"] = np.where(is_open, persons["cart_size"], 0)
        carts["variant"] = persons["cart_variant"]
        carts["quantity"] = persons["cart_quantity"]
        carts["idle_ms"] = np.where(is_open, age, 0)
        carts["reminder"] = np.where(is_open, persons["cart_reminder"], 0)
        return carts

    @staticmethod
    def keep(people: People, sessions: Array, carts: Array) -> None:
        """Store each cart with its person; one that was bought or emptied is gone."""
        with_cart = sessions[sessions["cart"] >= 0]
        rows = people.rows
        person = with_cart["person"]
        kept = carts[with_cart["cart"]]
        is_gone = (with_cart["depth"] == PURCHASE) | (kept["kept"] == 0)
        rows["cart"][person] = kept["number"]
        rows["cart_at"][person] = with_cart["end"]
        rows["cart_size"][person] = np.where(is_gone, 0, kept["kept"])
        rows["cart_variant"][person] = kept["variant"]
        rows["cart_quantity"][person] = kept["quantity"]
        rows["cart_reminder"][person] = kept["reminder"]


def _add_lines(
    rng: np.random.Generator,
    catalogue: Catalogue,
    weights: Array,
    is_available: Array,
    carts: Array,
) -> None:
    for line in range(CART_LINES):
        is_added = (line >= carts["old"]) & (line < carts["shown"])
        size = len(carts)
        variant = pick(rng, weights, size)
        quantity = pick(rng, rates.QUANTITY_SHARES, size) + 1
        follows = rng.random(size) < rates.AFFINITY_SHARE
        if line:
            partner = catalogue.partner[carts["variant"][:, line - 1]]
            follows &= (partner >= 0) & is_available[partner]
            variant = np.where(follows, partner, variant)
        carts["variant"][:, line] = np.where(is_added, variant, carts["variant"][:, line])
        carts["quantity"][:, line] = np.where(is_added, quantity, carts["quantity"][:, line])
