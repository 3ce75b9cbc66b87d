"""Turns the day's sessions into rows of web.events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoptrack.demo import marketing, pages, rates, text
from shoptrack.demo.catalogue import Catalogue
from shoptrack.demo.devices import KIND_OF_PLATFORM, PLATFORMS
from shoptrack.demo.draws import Array
from shoptrack.demo.people import CITIES, LANGUAGES, REGIONS, People, customer_ids, visitor_ids
from shoptrack.demo.timeline import CODE, EVENT_NAMES, SHIPPED, THANKS, Timeline

PAYMENT_PAGES = (
    "https://www.paypal.com/checkoutnow",
    "https://checkout.stripe.com/",
    "https://payments.klarna.com/",
)
PAYMENT_PAGE_SHARE = 0.6
MOST_UNITS = len(rates.QUANTITY_SHARES)


@dataclass(frozen=True)
class Day:
    """All that the day's event rows are written from; arrays as their own modules describe them."""

    seed: int
    day: int
    people: People
    catalogue: Catalogue
    sessions: Array
    carts: Array
    orders: Array
    timeline: Timeline
    first_event: int

    @cached_property
    def prices(self) -> Array:
        """Price of each variant in cents, by currency: (currency, variant)."""
        cents = self.catalogue.price_cents[None, :] * rates.LIST_RATE[:, None]
        rounded: Array = np.round(cents).astype(np.int64)
        return rounded

    def by_event(self, per_session: Array) -> Array:
        """A session's value for each of its events."""
        values: Array = per_session[self.timeline.session]
        return values

    @cached_property
    def is_landing(self) -> Array:
        """Whether each event is the first of its session."""
        events = self.timeline
        landing: Array = events.blocks["is_landing"][events.block] & (events.position == 0)
        return landing


def cart_id_text(numbers: Array, seed: int) -> pa.Array:
    """Ids of carts; null for 0."""
    return text.blank(text.hex_ids(numbers, seed * 7 + 3), numbers == 0)


def order_id_text(numbers: Array) -> pa.Array:
    """Ids of orders; null for 0."""
    return text.blank(text.numbered("2", numbers, 7), numbers == 0)


def events_table(day: Day) -> pa.Table:
    """Rows of web.events of one day in session order, most columns dictionary-encoded."""
    columns: dict[str, pa.Array] = {}
    writers: tuple[Callable[[Day], dict[str, pa.Array]], ...] = (
        _identity,
        _page,
        _campaign,
        _visitor,
        _commerce,
    )
    for write in writers:
        columns |= write(day)
    return pa.table(columns)


def _identity(day: Day) -> dict[str, pa.Array]:
    events, sessions = day.timeline, day.sessions
    number = day.first_event + np.arange(len(events.at))
    kind = events.blocks["kind"][events.block]
    knows = day.by_event(sessions["is_logged_in"])
    knows |= day.by_event(sessions["is_known_at_checkout"]) & (
        ((kind >= SHIPPED) & (events.position > 0)) | (kind == THANKS)
    )
    return {
        "event_id": text.hex_ids(number, day.seed * 7 + 2),
        "event_at": text.moments(events.at),
        "event_name": text.coded(EVENT_NAMES, events.code),
        "visitor_id": text.coded(visitor_ids(sessions["device"], day.seed), events.session),
        "user_id": text.coded(
            customer_ids(sessions["person"]), np.where(knows, events.session, -1)
        ),
        "session_key": text.coded(text.numbered("", sessions["start"] // 1000), events.session),
    }


def _page(day: Day) -> dict[str, pa.Array]:
    events, blocks = day.timeline, day.timeline.blocks
    page = blocks["page"][events.block].astype(np.int64)
    site = pages.addresses(day.catalogue)
    tagged = _tagged_landings(day, pa.array(site))
    has_tags = day.is_landing & (day.by_event(tagged.row) >= 0)
    url = np.where(has_tags, len(site) + day.by_event(tagged.row), page)
    referrers = [*site, *(each.referrer for each in marketing.ENTRIES), *PAYMENT_PAGES]
    searched = np.where(events.code == CODE["search"], page - pages.SEARCH_PAGES[0], -1)
    is_leaving = events.code == CODE["user_engagement"]
    dwell = text.numbered("", blocks["dwell"][events.block])
    return {
        "page_url": text.coded(pa.concat_arrays([pa.array(site), tagged.url]), url),
        "page_referrer": text.coded(referrers, _referrer(day, len(site))[events.block]),
        "page_title": text.coded(pages.titles(day.catalogue), page),
        "search_term": text.coded(pages.SEARCH_TERMS, searched),
        "engagement_ms": text.blank(dwell, ~is_leaving),
    }


def _referrer(day: Day, page_count: int) -> Array:
    """Number of the page before each page: one of the shop's, an entry's, or a payment page."""
    blocks = day.timeline.blocks
    before = np.concatenate([[0], blocks["page"][:-1]]).astype(np.int64)
    entry = day.sessions["entry"][blocks["session"]]
    has_referrer = np.array([each.referrer is not None for each in marketing.ENTRIES])
    outside = np.where(has_referrer[entry], page_count + entry, -1)
    choice = text.scramble(day.sessions["number"], day.seed) % np.uint64(100)
    draw = choice[blocks["session"]].astype(np.int64)
    payment = page_count + len(marketing.ENTRIES) + draw % len(PAYMENT_PAGES)
    is_paid_outside = (blocks["kind"] == THANKS) & (draw < 100 * PAYMENT_PAGE_SHARE)
    return np.where(blocks["is_landing"], outside, np.where(is_paid_outside, payment, before))


@dataclass(frozen=True)
class _Tagged:
    """Landing addresses with tags, of the tagged sessions; `row` is each session's, or −1."""

    row: Array
    url: pa.Array


def _click_ids(day: Day) -> pa.Array:
    return text.hex_ids(day.sessions["number"], day.seed * 7 + 5)


def _tagged_landings(day: Day, site: pa.Array) -> _Tagged:
    queries = [
        _query(entry, campaign)
        for entry, campaign in zip(
            marketing.ENTRIES, marketing.campaign_names(day.day), strict=True
        )
    ]
    entry = day.sessions["entry"]
    tagged = np.flatnonzero(np.array([query != "" for query in queries])[entry])
    row = np.full(len(entry), -1)
    row[tagged] = np.arange(len(tagged))
    blocks = day.timeline.blocks
    landing = blocks["page"][blocks["is_landing"]]
    has_click = np.array([each.click_id is not None for each in marketing.ENTRIES])[entry[tagged]]
    clicks = pc.if_else(pa.array(has_click), _click_ids(day).take(pa.array(tagged)), "")
    url = pc.binary_join_element_wise(
        site.take(pa.array(landing[tagged])),
        pa.array(queries).take(pa.array(entry[tagged])),
        clicks,
        "",
    )
    return _Tagged(row, url)


def _query(entry: marketing.Entry, campaign: str | None) -> str:
    values = (entry.source, entry.medium, campaign, entry.term, entry.content)
    names = ("source", "medium", "campaign", "term", "content")
    tags = [
        f"utm_{name}={value.replace(' ', '+')}"
        for name, value in zip(names, values, strict=True)
        if value
    ]
    if entry.click_id:
        tags.append(f"{entry.click_id}=")
    return "?" + "&".join(tags) if tags else ""


def _campaign(day: Day) -> dict[str, pa.Array]:
    entry = np.where(day.is_landing, day.by_event(day.sessions["entry"]), -1)
    entries = marketing.ENTRIES
    values = {
        "utm_source": [each.source for each in entries],
        "utm_medium": [each.medium for each in entries],
        "utm_campaign": marketing.campaign_names(day.day),
        "utm_term": [each.term for each in entries],
        "utm_content": [each.content for each in entries],
    }
    columns = {name: text.coded(value, entry) for name, value in values.items()}
    clicks = _click_ids(day)
    for name in ("gclid", "fbclid", "msclkid"):
        carries = np.array([*(each.click_id == name for each in entries), False])[entry]
        columns[name] = text.coded(clicks, np.where(carries, day.timeline.session, -1))
    return columns


def _visitor(day: Day) -> dict[str, pa.Array]:
    sessions = day.sessions
    devices = day.people.devices[sessions["device"]]
    platform = day.by_event(devices["platform"])
    is_human = sessions["bot"] == 0
    country = day.by_event(sessions["country"])
    place = day.by_event(sessions["country"].astype(np.int64) * 2 + sessions["city"])
    persons = day.people.rows[np.maximum(sessions["person"], 0)] if len(day.people.rows) else None
    age = np.full(len(sessions), -1) if persons is None else persons["age"]
    gender = np.full(len(sessions), -1) if persons is None else persons["gender"]
    consent = day.by_event(np.where(is_human, devices["consent"], -1))
    return {
        "device_category": text.coded(rates.DEVICE_KINDS, KIND_OF_PLATFORM[platform]),
        "operating_system": text.coded([each.system or None for each in PLATFORMS], platform),
        "browser": text.coded([each.browser for each in PLATFORMS], platform),
        "user_agent": text.coded([each.user_agent for each in PLATFORMS], platform),
        "country": text.coded(rates.COUNTRIES, country),
        "region": text.coded(REGIONS, place),
        "city": text.coded(CITIES, place),
        "language": text.coded(LANGUAGES, country),
        "age_bracket": text.coded(rates.AGE_BRACKETS, day.by_event(np.where(is_human, age, -1))),
        "gender": text.coded(rates.GENDERS, day.by_event(np.where(is_human, gender, -1))),
        "consent_analytics": text.coded(["false", "true", "true"], consent),
        "consent_ads": text.coded(["false", "false", "true"], consent),
    }


def _commerce(day: Day) -> dict[str, pa.Array]:
    events, sessions = day.timeline, day.sessions
    cents = _values(day)
    with_value = np.flatnonzero(cents >= 0)
    row = np.full(len(cents), -1)
    row[with_value] = np.arange(len(with_value))
    cart = day.by_event(sessions["cart"])
    in_cart = np.where(events.code >= CODE["add_to_cart"], cart, -1)
    order = np.where(events.code == CODE["purchase"], day.by_event(sessions["order"]), -1)
    coupon = np.append(day.orders["coupon"], -1)[order]
    currency = day.by_event(sessions["currency"])
    singles = (currency.astype(np.int64) * len(day.catalogue.product) + _variant(day)) * MOST_UNITS
    single_count = len(rates.CURRENCIES) * len(day.catalogue.product) * MOST_UNITS
    is_list = events.code >= CODE["view_cart"]
    shows_kept = events.code > CODE["view_cart"]
    items = np.where(is_list, single_count + 2 * cart + shows_kept, singles + _quantity(day) - 1)
    return {
        "currency": text.coded(rates.CURRENCIES, np.where(cents >= 0, currency, -1)),
        "value": text.coded(text.money(cents[with_value]), row),
        "transaction_id": text.coded(order_id_text(day.orders["number"]), order),
        "coupon": text.coded(rates.COUPONS, coupon),
        "cart_id": text.coded(cart_id_text(day.carts["number"], day.seed), in_cart),
        "items": text.coded(_item_lists(day), np.where(cents >= 0, items, -1)),
    }


def _variant(day: Day) -> Array:
    """The variant that each event is about, or −1: of the page, or the line that is removed."""
    events = day.timeline
    variant = events.blocks["variant"][events.block].astype(np.int64)
    removed = np.flatnonzero(events.code == CODE["remove_from_cart"])
    cart = day.carts[day.by_event(day.sessions["cart"])[removed]]
    variant[removed] = cart["variant"][np.arange(len(cart)), cart["shown"] - 1]
    return variant


def _quantity(day: Day) -> Array:
    """Units that each event is about: those of the line for an add or a removal, else 1."""
    events = day.timeline
    quantity = np.ones(len(events.code), dtype=np.int64)
    moves = np.isin(events.code, (CODE["add_to_cart"], CODE["remove_from_cart"]))
    moved = np.flatnonzero(moves)
    cart = day.carts[day.by_event(day.sessions["cart"])[moved]]
    line = events.blocks["line"][events.block[moved]]
    quantity[moved] = cart["quantity"][np.arange(len(cart)), line]
    return quantity


def _values(day: Day) -> Array:
    """Money value of each event in cents of its currency; −1 where it has none."""
    events, sessions = day.timeline, day.sessions
    currency = day.by_event(sessions["currency"])
    single = day.prices[currency, _variant(day)] * _quantity(day)
    is_single = np.isin(
        events.code, [CODE[name] for name in ("view_item", "add_to_cart", "remove_from_cart")]
    )
    values = np.where(is_single, single, -1)
    with_cart = sessions[sessions["cart"] >= 0]
    lines = day.prices[with_cart["currency"][:, None], day.carts["variant"]] * day.carts["quantity"]
    positions = np.arange(lines.shape[1])
    shown = (lines * (positions < day.carts["shown"][:, None])).sum(axis=1)
    kept = (lines * (positions < day.carts["kept"][:, None])).sum(axis=1)
    cart = day.by_event(sessions["cart"])
    at_cart = np.flatnonzero(events.code == CODE["view_cart"])
    values[at_cart] = shown[cart[at_cart]]
    later = np.flatnonzero(events.code > CODE["view_cart"])
    values[later] = kept[cart[later]]
    bought = np.flatnonzero(events.code == CODE["purchase"])
    values[bought] = day.orders["subtotal"][day.by_event(sessions["order"])[bought]]
    return values


def _item_lists(day: Day) -> pa.Array:
    """JSON lists: one item by (currency, variant, units), then each cart as shown and kept."""
    objects = pa.array(_item_objects(day))
    singles = pc.binary_join_element_wise("[", objects, "]", "")
    currency = day.sessions["currency"][day.sessions["cart"] >= 0].astype(np.int64)
    variants = len(day.catalogue.product)
    code = (currency[:, None] * variants + day.carts["variant"]) * MOST_UNITS
    code = code + day.carts["quantity"] - 1
    sizes = np.stack([day.carts["shown"], day.carts["kept"]], axis=1).ravel().astype(np.int64)
    line = np.arange(code.shape[1])
    chosen = np.repeat(code, 2, axis=0)[line[None, :] < sizes[:, None]]
    offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32))
    lists = pa.ListArray.from_arrays(offsets, objects.take(pa.array(chosen)))
    joined = pc.binary_join(lists, ",")
    return pa.concat_arrays([singles, pc.binary_join_element_wise("[", joined, "]", "")])


def _item_objects(day: Day) -> list[str]:
    catalogue = day.catalogue
    return [
        f'{{"item_id":"{variant}","item_name":"{title}","item_category":"{category}",'
        f'"price":{cents // 100}.{cents % 100:02d},"quantity":{quantity}}}'
        for prices in day.prices.tolist()
        for variant, title, category, cents in zip(
            catalogue.variant_ids,
            catalogue.titles,
            (rates.CATEGORIES[code] for code in catalogue.category[catalogue.product]),
            prices,
            strict=True,
        )
        for quantity in range(1, MOST_UNITS + 1)
    ]
