"""Events as GA4 exports them to BigQuery: nested rows of the daily tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb
import pyarrow as pa

from shoptrack.demo.dialects import RawRows

# Columns that GA4's export does not have: it keeps neither the user agent nor demographics.
NOT_CARRIED: Mapping[str, tuple[str, ...]] = {
    "web.events": ("event_id", "user_agent", "age_bracket", "gender"),
}
# GA4 gives events no id, so none can be missing.
NOT_REJECTED = ("event_id is missing",)
DAILY, INTRADAY = "ga4.events", "ga4.events_intraday"
COUNTRIES: Mapping[str, str] = {
    "AT": "Austria",
    "CH": "Switzerland",
    "DE": "Germany",
    "ES": "Spain",
    "FR": "France",
    "GB": "United Kingdom",
    "IT": "Italy",
    "NL": "Netherlands",
    "US": "United States",
}
_STREAM = "1234567890"
_TEXT_PARAMETERS: Mapping[str, str] = {
    "page_location": "page_url",
    "page_referrer": "page_referrer",
    "page_title": "page_title",
    "search_term": "search_term",
    "currency": "currency",
    "transaction_id": "transaction_id",
    "coupon": "coupon",
    "cart_id": "cart_id",  # a parameter of the shop's own
}
_NUMBER_PARAMETERS: Mapping[str, str] = {
    "ga_session_id": "session_key",
    "engagement_time_msec": "engagement_ms",
    "value": "value",
}
# The raw tables have these columns; a text among numbers is a value that was spoilt on the way.
_WHOLE = "try_cast(case when {0} not like '%.%' then {0} end as bigint)"
_BROKEN = "try_cast(case when {0} like '%.%' then {0} end as double)"


class Dialect:
    """The daily export; the rows of a load are those that Google wrote since the last one."""

    contract_tables = ("web.events",)
    adapters = ("ga4",)

    def write(self, date: str, rows: Mapping[str, pa.Table]) -> Iterator[RawRows]:
        """Rewrite one load; see shoptrack.demo.dialects."""
        day = date.replace("-", "")
        yield RawRows(DAILY, f"events_{day}.parquet", exported(rows["web.events"], date))


def exported(events: pa.Table, date: str) -> pa.Table:
    """Write rows of web.events as rows of GA4's export, in their order.

    `events` has the contract's columns, all text; rows without an event_id are left out, because
    the export could not tell them from their originals. Times of day are UTC, and so is event_date;
    `date` is that of rows whose time cannot be read. Nested columns are Arrow structs and lists.
    """
    with duckdb.connect() as connection:
        connection.register("contract", events)
        countries = pa.table(
            {"code": list(COUNTRIES), "name": list(COUNTRIES.values())},
        )
        connection.register("countries", countries)
        return connection.sql(_query(date.replace("-", ""))).to_arrow_table()


def _query(day: str) -> str:
    return f"""
        select
            coalesce(strftime(event_moment, '%Y%m%d'), '{day}') as event_date,
            coalesce(cast(epoch_us(event_moment) as varchar), event_at) as event_timestamp,
            event_name,
            list_filter([{_parameters()}], lambda each: each is not null) as event_params,
            user_id,
            visitor_id as user_pseudo_id,
            {{'analytics_storage': {_consent("analytics")}, 'ads_storage': {_consent("ads")},
                'uses_transient_token': 'No'}} as privacy_info,
            {_device()} as device,
            {{'continent': cast(null as varchar), 'country': coalesce(countries.name, country),
                'region': region, 'city': city}} as geo,
            {{'name': '(direct)', 'medium': '(none)', 'source': '(direct)'}} as traffic_source,
            '{_STREAM}' as stream_id,
            'WEB' as platform,
            case when transaction_id is not null then {{'transaction_id': transaction_id,
                'purchase_revenue': try_cast(value as double)}} end as ecommerce,
            {_items()} as items,
            {_collected()} as collected_traffic_source,
            true as is_active_user,
            1 as batch_event_index,
            {_number_of_id()} as batch_page_id,
            1 as batch_ordering_id
        from (
            select
                row_number() over () as position,
                try_cast(event_at as timestamp) as event_moment,
                *
            from contract
        )
            left join countries on country = countries.code
        where event_id is not null
        order by position
    """


def _parameters() -> str:
    """Parameters of an event, null where it lacks one; numbers as GA4 types them."""
    texts = [
        _parameter(name, column, column, "null", "null")
        for name, column in _TEXT_PARAMETERS.items()
    ]
    numbers = []
    for name, column in _NUMBER_PARAMETERS.items():
        whole, broken = _WHOLE.format(column), _BROKEN.format(column)
        text = f"case when coalesce({whole}, {broken}) is null then {column} end"
        numbers.append(_parameter(name, column, text, whole, broken))
    return ", ".join(texts + numbers)


def _parameter(name: str, column: str, text: str, whole: str, broken: str) -> str:
    return (
        f"case when {column} is not null then {{'key': '{name}', 'value': {{"
        f"'string_value': cast({text} as varchar), 'int_value': cast({whole} as bigint),"
        " 'float_value': cast(null as double),"
        f" 'double_value': cast({broken} as double)}}}} end"
    )


def _consent(kind: str) -> str:
    column = f"consent_{kind}"
    return f"case {column} when 'true' then 'Yes' when 'false' then 'No' else 'Unset' end"


def _device() -> str:
    """GA4 writes languages in lower case."""
    return (
        "{'category': device_category, 'operating_system': operating_system,"
        " 'language': lower(language), 'browser': cast(null as varchar), 'web_info':"
        " {'browser': browser, 'hostname': 'www.demo-shop.example'}}"
    )


def _items() -> str:
    """The items with more of GA4's columns; an event without any has an empty list."""
    read = """from_json(items, '[{
        "item_id": "VARCHAR", "item_name": "VARCHAR", "item_category": "VARCHAR",
        "price": "DOUBLE", "quantity": "BIGINT"
    }]')"""
    item = (
        "{'item_id': each.item_id, 'item_name': each.item_name, 'item_brand': '(not set)',"
        " 'item_category': each.item_category, 'price': each.price, 'quantity': each.quantity,"
        " 'item_list_name': '(not set)', 'item_params': [{'key': 'in_stock', 'value':"
        " {'string_value': cast(null as varchar), 'int_value': 1}}]}"
    )
    return f"list_transform(coalesce({read}, []), lambda each: {item})"


def _collected() -> str:
    """Traffic source of the event: its tags, or what Google makes of the page before."""
    tags = ("source", "medium", "campaign", "term", "content")
    is_tagged = f"coalesce({', '.join(f'utm_{tag}' for tag in tags)}) is not null"
    is_google = "page_referrer like '%google.%'"
    return (
        f"case when {is_tagged} or gclid is not null or {is_google} then {{"
        f"'manual_source': case when {is_tagged} then utm_source"
        f" when {is_google} then 'google' end,"
        f" 'manual_medium': case when {is_tagged} then utm_medium"
        f" when {is_google} then 'organic' end,"
        " 'manual_campaign_name': utm_campaign, 'manual_term': utm_term,"
        " 'manual_content': utm_content, 'gclid': gclid, 'dclid': cast(null as varchar),"
        " 'srsltid': cast(null as varchar)} end"
    )


def _number_of_id() -> str:
    """A number of the event's id, so that two events differ whatever else they share."""
    return "cast(concat('0x', substr(event_id, 1, 12)) as bigint)"
