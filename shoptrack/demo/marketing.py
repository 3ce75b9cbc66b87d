"""Channels as they show in the raw data, campaigns, and what the ad platforms report."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from shoptrack.demo import rates
from shoptrack.demo.draws import Array, day_date, pick_by_row, stream
from shoptrack.demo.people import REMINDER
from shoptrack.demo.text import coded, money


class Ad(NamedTuple):
    """One ad: its names, what its links carry, cost per click, clicks per impression."""

    platform: str
    campaign_id: str
    ad_id: str
    campaign_name: str
    source: str
    medium: str
    campaign: str
    click_cents: float
    click_rate: float
    currency: str = "EUR"


def _ads() -> tuple[Ad, ...]:
    campaigns = (
        ("google_ads", "1001", "Brand search", "google", "cpc", "brand_search", 35, 0.12),
        ("google_ads", "1002", "Generic search", "google", "cpc", "generic_search", 75, 0.04),
        ("google_ads", "1003", "Display awareness", "gdn", "display", "awareness", 18, 0.004),
        ("meta_ads", "3001", "Prospecting", "facebook", "paid_social", "prospecting", 45, 0.011),
        ("meta_ads", "3002", "Retargeting", "facebook", "paid_social", "retargeting", 60, 0.018),
        ("microsoft_ads", "2001", "Generic search", "bing", "cpc", "generic_search_bing", 55, 0.03),
    )
    return tuple(
        Ad(
            platform,
            number,
            f"{number}{letter}",
            name,
            source,
            medium,
            campaign,
            cents,
            rate,
            "USD" if platform == "microsoft_ads" else "EUR",
        )
        for platform, number, name, source, medium, campaign, cents, rate in campaigns
        for letter in "ab"
    )


ADS = _ads()
SILENT_AD = Ad(
    "google_ads",
    "1004",
    "1004a",
    "Video awareness",
    "youtube",
    "video",
    "video_awareness",
    9,
    0.002,
)


class Entry(NamedTuple):
    """How a session can begin: channel, share within it, and what its landing event carries."""

    channel: str
    share: float
    referrer: str | None = None
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    term: str | None = None
    content: str | None = None
    click_id: str | None = None
    ad: int = -1


def _paid_entries() -> list[Entry]:
    entries = []
    for number, ad in enumerate(ADS):
        channel, referrer, click_id = {
            ("google", "cpc"): ("Paid Search", "https://www.google.com/", "gclid"),
            ("bing", "cpc"): ("Paid Search", "https://www.bing.com/", "msclkid"),
            ("facebook", "paid_social"): ("Paid Social", "https://m.facebook.com/", "fbclid"),
            ("gdn", "display"): ("Display", "https://www.news-site.example/", "gclid"),
        }[ad.source, ad.medium]
        share = 0.5 if ad.source == "bing" else 1.0
        term = "demo shop" if ad.campaign == "brand_search" else None
        tags = (ad.source, ad.medium, ad.campaign, term, ad.ad_id)
        tagged = Entry(channel, share, referrer, *tags, click_id, number)
        if ad.medium == "cpc" and ad.source == "google":
            automatic = share * rates.AUTO_TAGGED_SHARE
            entries.append(Entry(channel, automatic, referrer, click_id=click_id, ad=number))
            tagged = tagged._replace(share=share - automatic)
        if ad.medium == "paid_social":
            shouted = share * rates.UPPER_CASE_SHARE
            entries.append(tagged._replace(share=shouted, source="Facebook", medium="Paid_Social"))
            tagged = tagged._replace(share=share - shouted)
        entries.append(tagged)
    return entries


NEWSLETTER = "newsletter"
REMINDER_ENTRY = Entry("Email", 0.0, None, "reminder", "email", "cart_reminder")
ENTRIES = (
    REMINDER_ENTRY,
    Entry("Direct", 1.0),
    Entry("Organic Search", 0.82, "https://www.google.com/"),
    Entry("Organic Search", 0.12, "https://www.bing.com/"),
    Entry("Organic Search", 0.06, "https://duckduckgo.com/"),
    *_paid_entries(),
    Entry("Organic Social", 0.5, "https://www.instagram.com/"),
    Entry("Organic Social", 0.3, "https://www.facebook.com/"),
    Entry("Organic Social", 0.2, "https://www.pinterest.com/"),
    Entry("Email", 1.0, None, "newsletter", "email", NEWSLETTER),
    Entry("Referral", 0.6, "https://blog.style-notes.example/spring-looks"),
    Entry("Referral", 0.4, "https://www.city-guide.example/shops"),
    Entry(
        "Affiliates",
        1.0,
        "https://www.coupon-hub.example/demo-shop",
        "coupon-hub",
        "affiliate",
        "partners",
    ),
    Entry("Organic Shopping", 0.5, "https://www.etsy.com/market/scarf"),
    Entry("Organic Shopping", 0.5, "https://www.ebay.com/itm/1"),
    Entry("AI Assistant", 0.6, "https://chatgpt.com/"),
    Entry("AI Assistant", 0.4, "https://chatgpt.com/", "chatgpt.com"),
)
CHANNEL_OF_ENTRY = np.array([rates.CHANNELS.index(each.channel) for each in ENTRIES])
ENTRY_SHARES = np.array(
    [[each.share * (each.channel == channel) for each in ENTRIES] for channel in rates.CHANNELS]
)
AD_OF_ENTRY = np.array([each.ad for each in ENTRIES])
DIRECT_ENTRY = 1


def draw_entries(rng: np.random.Generator, acquisition: Array, kinds: Array) -> Array:
    """Draw how each visit begins, as an index into ENTRIES.

    A first visit comes by the channel that won the person (`acquisition`); a later one by the
    channels of returning people; a clicked cart reminder by its own entry.
    """
    later = np.tile(rates.LATER_VISIT_SHARES, (len(kinds), 1))
    channel = np.where(kinds == 0, acquisition, pick_by_row(rng, later, np.arange(len(kinds))))
    entries = pick_by_row(rng, ENTRY_SHARES, channel)
    return np.where(kinds == REMINDER, 0, entries)


def campaign_names(day: int) -> list[str | None]:
    """utm_campaign of each entry on a day; newsletters are named for their week."""
    year, week, _ = day_date(day).isocalendar()
    return [
        f"{NEWSLETTER}_{year}w{week:02d}" if each.campaign == NEWSLETTER else each.campaign
        for each in ENTRIES
    ]


class AdResults(NamedTuple):
    """What each ad brought on a day, by country: (ad, country) arrays; value in cents."""

    sessions: Array
    orders: Array
    value: Array


def ad_results(entries: Array, countries: Array, order_cents: Array) -> AdResults:
    """Add up sessions by ad and country; `order_cents` is 0 for a session without an order."""
    shape = (len(ADS), len(rates.COUNTRIES))
    ad = AD_OF_ENTRY[entries]
    is_paid = ad >= 0
    cell = ad[is_paid] * shape[1] + countries[is_paid]
    cents = order_cents[is_paid]
    size = shape[0] * shape[1]
    return AdResults(
        np.bincount(cell, minlength=size).reshape(shape),
        np.bincount(cell, cents > 0, minlength=size).astype(np.int64).reshape(shape),
        np.bincount(cell, cents, minlength=size).astype(np.int64).reshape(shape),
    )


def spend_table(seed: int, day: int, results: AdResults) -> pa.Table:
    """Rows of shop.ad_spend of one day.

    The platforms claim 30 % more than there was. A last ad has spend and never a session.
    """
    rng = stream(seed, "spend", day)
    ads = (*ADS, SILENT_AD)
    shape = (len(ads), len(rates.COUNTRIES))
    none = np.zeros((1, shape[1]), dtype=np.int64)
    unseen = rng.poisson(0.12 * results.sessions) + rng.binomial(1, 0.05, results.sessions.shape)
    clicks = np.concatenate(
        [results.sessions + unseen, none + rng.poisson(3 * rates.COUNTRY_SHARES)]
    )
    impressions = rng.poisson(clicks / _column(ads, "click_rate") * rng.lognormal(0, 0.2, shape))
    cents = clicks * _column(ads, "click_cents") * rng.lognormal(0, 0.15, shape)
    ad, country = np.nonzero(impressions)
    at = (ad, country)
    return pa.table(
        {
            "platform": _text(ads, "platform", ad),
            "campaign_id": _text(ads, "campaign_id", ad),
            "ad_group_id": coded([f"{each.campaign_id}-g" for each in ads], ad),
            "ad_id": _text(ads, "ad_id", ad),
            "spend_date": coded([day_date(day).isoformat()], np.zeros_like(ad)),
            "country": coded(rates.COUNTRIES, country),
            "campaign_name": _text(ads, "campaign_name", ad),
            "utm_source": _text(ads, "source", ad),
            "utm_medium": _text(ads, "medium", ad),
            "utm_campaign": _text(ads, "campaign", ad),
            "impressions": pa.array(impressions[at]),
            "clicks": pa.array(clicks[at]),
            "spend": money(np.round(cents).astype(np.int64)[at]),
            "currency": _text(ads, "currency", ad),
            "platform_conversions": money(np.concatenate([results.orders * 130, none])[at]),
            "platform_value": money(np.concatenate([results.value * 13 // 10, none])[at]),
        }
    )


def _column(ads: tuple[Ad, ...], field: str) -> Array:
    return np.array([getattr(ad, field) for ad in ads])[:, None]


def _text(ads: tuple[Ad, ...], field: str, codes: Array) -> pa.Array:
    return coded([str(getattr(ad, field)) for ad in ads], codes)
