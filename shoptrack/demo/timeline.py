"""The pages of each session in order, and the moments of the events on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shoptrack.demo.behaviour import BOUNCE, CHECKOUT, PURCHASE
from shoptrack.demo.draws import MINUTE_MS, SECOND_MS, Array, pick, stream
from shoptrack.demo.pages import (
    CART_PAGE,
    CHECKOUT_PAGE,
    LIST_PAGES,
    SEARCH_PAGES,
    THANKS_PAGE,
    product_pages,
)
from shoptrack.demo.people import REMINDER

LIST, SEARCH, PRODUCT, ADDING, IN_CART, REMOVING, CHECKING_OUT, SHIPPED, PAYING, THANKS = range(10)
EVENT_NAMES = (
    "page_view",
    "user_engagement",
    "search",
    "view_item",
    "add_to_cart",
    "remove_from_cart",
    "view_cart",
    "begin_checkout",
    "add_shipping_info",
    "add_payment_info",
    "purchase",
)
CODE = {name: code for code, name in enumerate(EVENT_NAMES)}
# What a page of each kind sends: (event, milliseconds after the page began)
_SENDS = {
    LIST: (("page_view", 0),),
    SEARCH: (("page_view", 0), ("search", 300)),
    PRODUCT: (("page_view", 0), ("view_item", 350)),
    ADDING: (("page_view", 0), ("view_item", 350), ("add_to_cart", 9_000)),
    IN_CART: (("page_view", 0), ("view_cart", 300)),
    REMOVING: (("page_view", 0), ("view_cart", 300), ("remove_from_cart", 12_000)),
    CHECKING_OUT: (("page_view", 0), ("begin_checkout", 500)),
    SHIPPED: (("page_view", 0), ("begin_checkout", 500), ("add_shipping_info", 40_000)),
    PAYING: (
        ("page_view", 0),
        ("begin_checkout", 500),
        ("add_shipping_info", 40_000),
        ("add_payment_info", 90_000),
    ),
    THANKS: (("page_view", 0), ("purchase", 600)),
}
_COUNTS = np.array([len(_SENDS[kind]) for kind in range(10)])
_MOST = 5  # events of one page: the longest kind, and the one that the visitor was engaged
_CODES = np.zeros((len(_SENDS), _MOST), dtype=np.int64)
_OFFSETS = np.zeros((len(_SENDS), _MOST), dtype=np.int64)
for _kind, _sent in _SENDS.items():
    _CODES[_kind, : len(_sent)] = [CODE[_name] for _name, _ in _sent]
    _OFFSETS[_kind, : len(_sent)] = [_after for _, _after in _sent]
_LAST_OFFSET = np.array([_SENDS[kind][-1][1] for kind in range(10)])
SEARCH_SHARE = 0.15
ENGAGED_MS, ENGAGED_SHARE = 10 * SECOND_MS, 0.6
LONGEST_DWELL_MS, LONGEST_SESSION_MS = 7 * MINUTE_MS, 70 * MINUTE_MS

BLOCK = np.dtype(
    [
        ("session", "i4"),
        ("kind", "i1"),
        ("line", "i1"),
        ("variant", "i2"),
        ("page", "i4"),
        ("rank", "f8"),
        ("is_landing", "?"),
        ("is_engaged", "?"),
        ("start", "i8"),
        ("dwell", "i4"),
        ("pace", "f4"),
    ]
)


@dataclass(frozen=True)
class Timeline:
    """Pages (dtype BLOCK, sessions together, in order) and the events on them.

    Arrays over events: `block` and `session` (indices), `code` (of EVENT_NAMES), `position` on its
    page, `at` (Unix milliseconds, strictly rising within a session).
    """

    blocks: Array
    block: Array
    session: Array
    code: Array
    position: Array
    at: Array

    def only(self, wanted: Array) -> Timeline:
        """The timeline without the events where `wanted` is false."""
        events = (self.block, self.session, self.code, self.position, self.at)
        return Timeline(self.blocks, *(column[wanted] for column in events))


def timeline(seed: int, day: int, sessions: Array, carts: Array, view_weights: Array) -> Timeline:
    """Draw pages and events of all sessions, and set each session's `end`."""
    rng = stream(seed, "timeline", day)
    blocks = np.concatenate(
        [_browsing(rng, sessions, carts, view_weights), *_checking_out(sessions, carts)]
    )
    blocks = blocks[np.argsort(blocks["session"] + blocks["rank"], kind="stable")]
    _land(blocks, sessions)
    _clock(rng, blocks, sessions)
    events = _events(blocks)
    last = np.append(np.flatnonzero(np.diff(events.session)), len(events.session) - 1)
    if len(sessions):
        sessions["end"][events.session[last]] = events.at[last]
    return events


def _browsing(
    rng: np.random.Generator, sessions: Array, carts: Array, view_weights: Array
) -> Array:
    lists = sessions["lists"].astype(np.int64)
    length = lists + sessions["views"]
    blocks = np.zeros(int(length.sum()), BLOCK)
    session = np.repeat(np.arange(len(sessions)), length)
    position = np.arange(len(session)) - np.repeat(np.cumsum(length) - length, length)
    view = position - lists[session]
    blocks["session"] = session
    blocks["rank"] = rng.random(len(session)) * 0.5
    searches = rng.random(len(session)) < SEARCH_SHARE
    blocks["kind"] = np.where(view >= 0, PRODUCT, np.where(searches, SEARCH, LIST))
    blocks["variant"] = np.where(view >= 0, pick(rng, view_weights, len(session)), -1)
    blocks["line"] = -1
    cart = sessions["cart"][session]
    adding = np.flatnonzero((cart >= 0) & (view >= 0))
    adding = adding[view[adding] < carts["added"][cart[adding]]]
    line = carts["old"][cart[adding]] + view[adding]
    blocks["kind"][adding] = ADDING
    blocks["line"][adding] = line
    blocks["variant"][adding] = carts["variant"][cart[adding], line]
    blocks["page"] = _browsed_pages(rng, blocks)
    return blocks


def _browsed_pages(rng: np.random.Generator, blocks: Array) -> Array:
    lists = rng.integers(0, len(LIST_PAGES), len(blocks))
    found = rng.integers(0, len(SEARCH_PAGES), len(blocks))
    pages = np.where(blocks["kind"] == SEARCH, SEARCH_PAGES[found], LIST_PAGES[lists])
    return np.where(blocks["variant"] >= 0, product_pages(blocks["variant"]), pages)


def _checking_out(sessions: Array, carts: Array) -> list[Array]:
    with_cart = np.flatnonzero(sessions["cart"] >= 0)
    cart = carts[sessions["cart"][with_cart]]
    removes = cart["kept"] < cart["shown"]
    seen = _tail(with_cart, np.where(removes, REMOVING, IN_CART), CART_PAGE, 0.6)[cart["has_page"]]
    seen["line"] = (cart["shown"] - 1)[cart["has_page"]]
    depth = sessions["depth"]
    leaving = np.flatnonzero(depth >= CHECKOUT)
    steps = np.minimum(depth[leaving] - CHECKOUT, 2) + CHECKING_OUT
    bought = np.flatnonzero(depth == PURCHASE)
    return [
        seen,
        _tail(leaving, steps, CHECKOUT_PAGE, 0.7),
        _tail(bought, np.full(len(bought), THANKS), THANKS_PAGE, 0.8),
    ]


def _tail(session: Array, kind: Array, page: int, rank: float) -> Array:
    blocks = np.zeros(len(session), BLOCK)
    blocks["session"] = session
    blocks["kind"] = kind
    blocks["page"] = page
    blocks["rank"] = rank
    blocks["variant"] = blocks["line"] = -1
    return blocks


def _land(blocks: Array, sessions: Array) -> None:
    """Mark the first page of each session: for a reminder the cart, for nobody a search."""
    blocks["is_landing"] = np.diff(blocks["session"], prepend=-1) != 0
    searched = blocks["is_landing"] & (blocks["kind"] == SEARCH)
    blocks["kind"][searched] = LIST
    blocks["page"][searched] = LIST_PAGES[0]
    reminded = sessions["kind"][blocks["session"]] == REMINDER
    reminded &= blocks["is_landing"] & (blocks["kind"] == LIST)
    blocks["page"][reminded] = CART_PAGE


def _clock(rng: np.random.Generator, blocks: Array, sessions: Array) -> None:
    session = blocks["session"]
    size = len(blocks)
    dwell = rng.lognormal(np.log(25 * SECOND_MS), 1.0, size)
    dwell *= np.where(sessions["depth"][session] == BOUNCE, 0.25, 1.0)
    dwell = np.clip(dwell, 2 * SECOND_MS, LONGEST_DWELL_MS)
    total = np.bincount(session, dwell, minlength=len(sessions))
    dwell *= np.minimum(1.0, LONGEST_SESSION_MS / np.maximum(total, 1))[session]
    is_bot = sessions["bot"][session] > 0
    blocks["dwell"] = np.where(is_bot, rng.uniform(700, 1500, size), dwell)
    is_engaged = ~is_bot & (blocks["dwell"] >= ENGAGED_MS) & (blocks["kind"] != THANKS)
    blocks["is_engaged"] = is_engaged & (rng.random(size) < ENGAGED_SHARE)
    blocks["pace"] = np.where(is_bot, 1.0, rng.uniform(0.8, 1.2, size))
    span = (_LAST_OFFSET[blocks["kind"]] * blocks["pace"]).astype(np.int64) + blocks["dwell"]
    since = np.cumsum(span) - span
    first = since[blocks["is_landing"]]
    elapsed = since - np.repeat(first, np.bincount(session, minlength=len(sessions)))
    blocks["start"] = sessions["start"][session] + elapsed


def _events(blocks: Array) -> Timeline:
    """The events of each page; one that held the visitor says so just before it is left."""
    count = _COUNTS[blocks["kind"]] + blocks["is_engaged"]
    block = np.repeat(np.arange(len(blocks)), count)
    position = np.arange(len(block)) - np.repeat(np.cumsum(count) - count, count)
    kind = blocks["kind"][block]
    pace = blocks["pace"][block]
    after = (_OFFSETS[kind, position] * pace).astype(np.int64)
    is_leaving = position == _COUNTS[kind]
    stay = (_LAST_OFFSET[kind] * pace).astype(np.int64) + blocks["dwell"][block]
    after = np.where(is_leaving, stay - 200, after)
    code = np.where(is_leaving, CODE["user_engagement"], _CODES[kind, position])
    return Timeline(
        blocks,
        block,
        blocks["session"][block],
        code,
        position,
        blocks["start"][block] + after,
    )


def longest_gap_ms() -> int:
    """No gap between two events of a session is longer than this."""
    return LONGEST_DWELL_MS + int(_LAST_OFFSET.max() * 1.2)
