"""Events as Segment's messages: track and page, by the e-commerce spec."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb
import pyarrow as pa

from shoptrack.demo.dialects import RawRows

# Columns of each table of the contract that no message carries. All others come back.
NOT_CARRIED: Mapping[str, tuple[str, ...]] = {"web.events": ("age_bracket",)}
NOT_REJECTED: tuple[str, ...] = ()
_TRACKED: Mapping[str, str] = {
    "search": "Products Searched",
    "view_item": "Product Viewed",
    "add_to_cart": "Product Added",
    "remove_from_cart": "Product Removed",
    "view_cart": "Cart Viewed",
    "begin_checkout": "Checkout Started",
    "add_shipping_info": "Checkout Step Completed",
    "add_payment_info": "Payment Info Entered",
    "purchase": "Order Completed",
}
_OF_ONE_PRODUCT = ("view_item", "add_to_cart", "remove_from_cart")


class Dialect:
    """Events as Segment sends them on."""

    contract_tables = ("web.events",)
    adapters = ("segment",)

    def write(self, date: str, rows: Mapping[str, pa.Table]) -> Iterator[RawRows]:
        """Rewrite one load; see shoptrack.demo.dialects."""
        yield RawRows("segment.events", f"messages_{date}.jsonl", messages(rows["web.events"]))


def messages(events: pa.Table) -> pa.Table:
    """Write rows of web.events, all text, as messages; what is nested is JSON text.

    A product's value is its price times its units, so it is not sent, but where it is spoilt.
    """
    with duckdb.connect() as connection:
        connection.register("events", events)
        return connection.sql(_MESSAGES).to_arrow_table()


def _named(names: Mapping[str, str], otherwise: str) -> str:
    cases = " ".join(f"when '{ours}' then '{theirs}'" for ours, theirs in names.items())
    return f"case event_name {cases} else {otherwise} end"


_ONE = ", ".join(f"'{name}'" for name in _OF_ONE_PRODUCT)
_IS_OF_ONE = f"event_name in ({_ONE}) and try_cast(value as decimal(18, 4)) is not null"
_AT = "replace(event_at, ' ', 'T') || 'Z'"
_CONTEXT = """{
    page: {url: page_url, referrer: page_referrer, title: page_title},
    campaign: {
        source: utm_source, medium: utm_medium, name: utm_campaign, term: utm_term,
        content: utm_content
    },
    userAgent: user_agent,
    locale: language,
    sessionId: session_key,
    device: {type: device_category},
    os: {name: operating_system},
    location: {country: country, region: region, city: city},
    traits: {gender: gender},
    consent: {categoryPreferences: {
        Advertising: cast(consent_ads as boolean), Analytics: cast(consent_analytics as boolean)
    }}
}"""
_PROPERTIES = """{
    order_id: transaction_id,
    subtotal: case when event_name = 'purchase' then coalesce(amount, to_json(value)) end,
    value: case
        when event_name <> 'purchase' and not is_of_one then coalesce(amount, to_json(value))
        when event_name is null then to_json(value)
    end,
    currency: currency,
    coupon: coupon,
    cart_id: cart_id,
    query: search_term,
    shipping_method: case when event_name = 'add_shipping_info' then 'Standard' end,
    engagement_time_msec: coalesce(
        to_json(try_cast(engagement_ms as bigint)), to_json(engagement_ms)
    ),
    products: case when not is_of_one then cast(products as json) end
}"""
_MESSAGES = f"""
    select
        event_id as "messageId",
        case when event_name = 'page_view' then 'page' else 'track' end as type,
        case when event_name <> 'page_view' then {_named(_TRACKED, "event_name")} end as event,
        visitor_id as "anonymousId",
        user_id as "userId",
        {_AT} as timestamp,
        {_AT} as "originalTimestamp",
        cast(json_merge_patch('{{}}', to_json({_CONTEXT})) as varchar) as context,
        cast(json_merge_patch(
            case when is_of_one then products -> '$[0]' else '{{}}' end, to_json({_PROPERTIES})
        ) as varchar) as properties
    from (
        select
            *,
            coalesce({_IS_OF_ONE}, false) as is_of_one,
            to_json(try_cast(value as decimal(18, 4))) as amount,
            replace(replace(replace(
                items, '"item_id":', '"product_id":'), '"item_name":', '"name":'
            ), '"item_category":', '"category":') as products
        from events
    )
"""
