"""Events as Snowplow's canonical event table: page views, actions of the e-commerce plugin, …"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb
import pyarrow as pa

from shoptrack.demo.dialects import RawRows

# Columns of each table of the contract that no event carries. All others come back.
NOT_CARRIED: Mapping[str, tuple[str, ...]] = {"web.events": ("age_bracket", "gender")}
NOT_REJECTED: tuple[str, ...] = ()
_ECOMMERCE = "com.snowplowanalytics.snowplow.ecommerce"
# What a contract's event is called here: the event and its schema's name, or its action.
_ACTIONS: Mapping[str, str] = {
    "view_item": "product_view",
    "add_to_cart": "add_to_cart",
    "remove_from_cart": "remove_from_cart",
    "begin_checkout": "checkout_step",
    "add_shipping_info": "checkout_step",
    "add_payment_info": "checkout_step",
    "purchase": "transaction",
}
_STEPS = ("begin_checkout", "add_shipping_info", "add_payment_info")
_OF_PRODUCTS = ("view_item", "add_to_cart", "remove_from_cart")
# Entities and self-describing events, by the names that they have below.
ENTITIES: Mapping[str, str] = {
    "product": f"{_ECOMMERCE}/product",
    "cart": f"{_ECOMMERCE}/cart",
    "transaction": f"{_ECOMMERCE}/transaction",
    "checkout_step": f"{_ECOMMERCE}/checkout_step",
    "screen_summary": "com.snowplowanalytics.mobile/screen_summary",
    "consent_preferences": "com.snowplowanalytics.snowplow/consent_preferences",
}
DERIVED: Mapping[str, str] = {"yauaa": "nl.basjes/yauaa_context"}
SELF_DESCRIBING: Mapping[str, str] = {
    "snowplow_ecommerce_action": f"{_ECOMMERCE}/snowplow_ecommerce_action",
    "site_search": "com.snowplowanalytics.snowplow/site_search",
}
_DEVICES = {"desktop": "Desktop", "mobile": "Phone", "tablet": "Tablet"}
_SCREEN_END = "com.snowplowanalytics.mobile/screen_end"


class Dialect:
    """Events as Snowplow loads them."""

    contract_tables = ("web.events",)
    adapters = ("snowplow",)

    def write(self, date: str, rows: Mapping[str, pa.Table]) -> Iterator[RawRows]:
        """Rewrite one load, in both of Snowplow's formats by turns; see shoptrack.demo.dialects."""
        is_enriched = int(date[-2:]) % 2 == 1
        table = (
            enriched_events(rows["web.events"])
            if is_enriched
            else loaded_events(rows["web.events"])
        )
        yield RawRows(
            "snowplow.events", f"events_{date}.{'tsv' if is_enriched else 'parquet'}", table
        )


def enriched_events(events: pa.Table) -> pa.Table:
    """Write rows of web.events, all text, as enriched events: entities in one column, as in TSV."""
    with duckdb.connect() as connection:
        connection.register("events", events)
        return connection.sql(
            f"select {_ATOMIC}, {_contexts(ENTITIES)} as contexts,"
            f" {_contexts(DERIVED)} as derived_contexts, {_SELF_DESCRIBED} as unstruct_event"
            f" from ({_DESCRIBED})"
        ).to_arrow_table()


def loaded_events(events: pa.Table) -> pa.Table:
    """Write rows of web.events, all text, as a loader does: a column per entity, as in Parquet."""
    columns = [
        f"to_json(case when {name} is not null then {name} end) as {_column('contexts', schema)}"
        for name, schema in {**ENTITIES, **DERIVED}.items()
    ]
    columns += [
        f"to_json(case when event_name = '{name}' then described end) as"
        f" {_column('unstruct_event', schema)}"
        for name, schema in SELF_DESCRIBING.items()
    ]
    with duckdb.connect() as connection:
        connection.register("events", events)
        return connection.sql(
            f"select {_ATOMIC}, {', '.join(columns)} from ({_DESCRIBED})"
        ).to_arrow_table()


def _column(kind: str, schema: str) -> str:
    return f"{kind}_{schema.replace('.', '_').replace('/', '_')}_1"


def _contexts(entities: Mapping[str, str]) -> str:
    """Entities in the envelope of the enriched format."""
    lists = ", ".join(
        f"list_transform(cast({name} as json[]), lambda entity:"
        f" {{schema: 'iglu:{schema}/jsonschema/1-0-0', data: entity}})"
        for name, schema in entities.items()
    )
    return (
        "cast(to_json({schema: 'iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0',"
        f" data: flatten([{lists}])}}) as varchar)"
    )


def _cases(subject: str, values: Mapping[str, str], otherwise: str = "null") -> str:
    cases = " ".join(f"when '{key}' then '{value}'" for key, value in values.items())
    return f"case {subject} {cases} else {otherwise} end"


def _among(subject: str, names: tuple[str, ...]) -> str:
    return f"{subject} in ({', '.join(repr(name) for name in names)})"


_SELF_DESCRIBED = f"""
    case when event = 'unstruct' then cast(to_json({{
        schema: 'iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0',
        data: {{
            schema: 'iglu:'
            || {_cases("event_name", SELF_DESCRIBING, f"'{_SCREEN_END}'")} || '/jsonschema/1-0-0',
            data: coalesce(described, '{{}}')
        }}
    }}) as varchar) end
"""
_ATOMIC = """
    event_id, collector_tstamp, derived_tstamp, event, event_name, user_id, domain_userid,
    domain_sessionid, page_url, page_title, page_referrer, mkt_source, mkt_medium, mkt_campaign,
    mkt_term, mkt_content, mkt_clickid, mkt_network, geo_country, geo_region_name, geo_city,
    br_lang, useragent, se_category, se_action
"""
_HAS_AMOUNT = "try_cast(value as decimal(18, 4)) is not null"
_DESCRIBED = f"""
    select
        event_id,
        event_at as derived_tstamp,
        event_at as collector_tstamp,
        case
            when name = 'page_view' then 'page_view'
            when name = 'view_cart' or name is null then 'struct'
            else 'unstruct'
        end as event,
        case
            when name = 'page_view' then 'page_view'
            when name = 'search' then 'site_search'
            when name = 'user_engagement' then 'screen_end'
            when name = 'view_cart' or name is null then 'event'
            else 'snowplow_ecommerce_action'
        end as event_name,
        user_id,
        visitor_id as domain_userid,
        session_key as domain_sessionid,
        page_url,
        page_title,
        page_referrer,
        utm_source as mkt_source,
        utm_medium as mkt_medium,
        utm_campaign as mkt_campaign,
        utm_term as mkt_term,
        utm_content as mkt_content,
        coalesce(gclid, fbclid, msclkid) as mkt_clickid,
        case
            when gclid <> '' then 'Google'
            when fbclid <> '' then 'Facebook'
            when msclkid <> '' then 'Microsoft'
        end as mkt_network,
        country as geo_country,
        region as geo_region_name,
        city as geo_city,
        language as br_lang,
        user_agent as useragent,
        case when name = 'view_cart' then 'ecommerce' end as se_category,
        case when name = 'view_cart' then 'view_cart' end as se_action,
        case
            when name = 'search'
                then to_json({{terms: coalesce(string_split(search_term, ' '), [])}})
            when {_among("name", tuple(_ACTIONS))}
                then to_json({{type: {_cases("name", _ACTIONS)}}})
        end as described,
        case when {_HAS_AMOUNT} then cast(list_transform(
            from_json(items, '[{{
                "item_id": "VARCHAR", "item_name": "VARCHAR", "item_category": "VARCHAR",
                "price": "VARCHAR", "quantity": "VARCHAR"
            }}]'),
            lambda item: to_json({{
                id: item.item_id, name: item.item_name, category: item.item_category,
                price: cast(item.price as decimal(18, 4)), quantity: cast(item.quantity as bigint),
                currency: currency
            }})
        ) as json[]) end as product,
        case when cart_id is not null or value is not null then [to_json({{
            cart_id: cart_id,
            currency: currency,
            total_value: case
                when not {_HAS_AMOUNT} then to_json(value)
                when not {_among("coalesce(name, '')", _OF_PRODUCTS)}
                    then to_json(cast(value as decimal(18, 4)))
            end
        }})] end as cart,
        case when name = 'purchase' then [to_json({{
            transaction_id: transaction_id,
            revenue: try_cast(value as decimal(18, 4)),
            currency: currency,
            discount_code: coupon
        }})] end as transaction,
        case when {_among("name", _STEPS)} then [to_json({{
            step: {_cases("name", {name: str(n) for n, name in enumerate(_STEPS, start=1)})},
            delivery_method: case when name <> 'begin_checkout' then 'Standard' end,
            payment_method: case when name = 'add_payment_info' then 'Card' end
        }})] end as checkout_step,
        case when engagement_ms is not null then [to_json({{
            foreground_sec: coalesce(
                to_json(cast(try_cast(engagement_ms as bigint) / 1000 as decimal(18, 3))),
                to_json(engagement_ms)
            )
        }})] end as screen_summary,
        case when consent_analytics is not null then [to_json({{
            event_type: 'allow_selected',
            basis_for_processing: 'consent',
            consent_scopes: list_filter([
                'necessary',
                case when consent_analytics = 'true' then 'analytics' end,
                case when consent_ads = 'true' then 'advertising' end
            ], lambda scope: scope is not null)
        }})] end as consent_preferences,
        [to_json({{
            deviceClass: {_cases("device_category", _DEVICES)},
            operatingSystemName: operating_system,
            agentName: browser
        }})] as yauaa
    from (select *, event_name as name from events)
"""
