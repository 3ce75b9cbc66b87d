"""Where other systems name a person: columns of adapters' raw tables, and what is nested in them.

Each raw table says which rows of the contract its rows are like, and where it has the identifiers
that such rows have. A table that may name somebody twice has two entries.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from shoptrack.contract import adapter_tables


@dataclass(frozen=True)
class Naming:
    """Rows of a raw table that name somebody as rows of a table of the contract do.

    like: that table. identifiers: SQL on the raw row by column of that table.
    """

    like: str
    identifiers: Mapping[str, str]


def _key(column: str, name: str) -> str:
    """The first value of this name anywhere in a JSON text, also in one that is not well formed."""
    found = rf"""regexp_extract({column}, '"{name}"\s*:\s*"?([^",}}\]]*)', 1)"""
    return f"nullif(nullif(trim({found}), ''), 'null')"


def _attribute(column: str, name: str) -> str:
    """The value of a pair such as {"name": "visitor_id", "value": "…"}."""
    pattern = rf'"name"\s*:\s*"{name}"\s*,\s*"value"\s*:\s*"?([^",}}\]]*)'
    return f"nullif(regexp_extract({column}, '{pattern}', 1), '')"


def _parameter(name: str) -> str:
    """The value of a parameter of an event of Google Analytics, whatever its type."""
    whole = rf"""regexp_extract(event_params, '"{name}"\s*,\s*"value"\s*:\s*\{{([^}}]*)', 1)"""
    said = rf"regexp_replace({whole}, '\"[a-z_]+\"\s*:\s*null,?', '', 'g')"
    return rf"nullif(regexp_extract({said}, ':\s*\"?([^\",}}]+)', 1), '')"


def _clicks(*columns: str) -> dict[str, str]:
    text = f"concat_ws(' ', {', '.join(columns)})"
    return {
        name: rf"""nullif(regexp_extract({text}, '(?i)[?&]{name}=([^&#"\s]*)', 1), '')"""
        for name in ("gclid", "fbclid", "msclkid")
    }


def _first(make: Callable[[str, str], str], columns: Sequence[str], name: str) -> str:
    return f"coalesce({', '.join(make(column, name) for column in columns)})"


_GA4 = (
    Naming(
        "web.events",
        {
            "visitor_id": "user_pseudo_id",
            "user_id": "user_id",
            "transaction_id": f"coalesce({_key('ecommerce', 'transaction_id')},"
            f" {_parameter('transaction_id')})",
            "cart_id": _parameter("cart_id"),
            **_clicks("event_params"),
        },
    ),
    Naming(
        "web.events",
        {
            "visitor_id": "user_pseudo_id",
            "user_id": "user_id",
            "gclid": _key("collected_traffic_source", "gclid"),
        },
    ),
)
_ECOMMERCE = "com_snowplowanalytics_snowplow_ecommerce_"
_ENTITIES = (
    "contexts",
    "unstruct_event",
    *(f"contexts_{_ECOMMERCE}{entity}_1" for entity in ("transaction", "refund", "cart")),
)


_COOKIE = "nullif(network_userid, '00000000-0000-0000-0000-000000000000')"
_CLIENT = f"coalesce(nullif(domain_userid, ''), {_COOKIE})"
_LEGACY = "nullif(tr_orderid, ''), nullif(ti_orderid, '')"
_SNOWPLOW = (
    Naming(
        "web.events",
        {
            "visitor_id": _CLIENT,
            "user_id": "user_id",
            "transaction_id": f"coalesce({_first(_key, _ENTITIES, 'transaction_id')}, {_LEGACY})",
            "cart_id": _first(_key, _ENTITIES, "cart_id"),
            "email": _first(_key, _ENTITIES, "email"),
            **_clicks("page_url"),
        },
    ),
    Naming("web.events", {"visitor_id": _COOKIE, "user_id": "user_id"}),
    Naming("web.events", {"visitor_id": _CLIENT, "user_id": "user_id", "gclid": "mkt_clickid"}),
)
_SEGMENT_TEXTS = ("traits", "context", "properties")
_SEGMENT = (
    Naming(
        "web.events",
        {
            "visitor_id": "anonymousid",
            "user_id": "userid",
            "transaction_id": _key("properties", "order_id"),
            "cart_id": _key("properties", "cart_id"),
            "email": _first(_key, _SEGMENT_TEXTS, "email"),
            "phone": _first(_key, _SEGMENT_TEXTS, "phone"),
            **_clicks("context", "properties"),
        },
    ),
    Naming("web.events", {"visitor_id": "previousid", "user_id": "userid"}),
    Naming(
        "shop.customers",
        {
            "customer_id": "userid",
            "email": _first(_key, _SEGMENT_TEXTS, "email"),
            "phone": _first(_key, _SEGMENT_TEXTS, "phone"),
        },
    ),
)
_CUSTOMERS = (
    Naming("shop.customers", {"customer_id": "id", "email": "email", "phone": "phone"}),
    Naming("shop.customers", {"customer_id": "id", "phone": _key("default_address", "phone")}),
)


def _order(more: Mapping[str, str], order_id: str = "id") -> Naming:
    return Naming("shop.orders", {"order_id": order_id, **more})


_CUSTOMER_ID = "json_extract_string(case when json_valid(customer) then customer end, '$.id')"
_RESOURCE = {"customer_id": _CUSTOMER_ID, "cart_id": "cart_token"}
_ADDRESSES = ("customer", "shipping_address", "billing_address")
_IN_NOTES = r"visitor_id: *([^\n\r]+)"
_EXPORTED_VISITOR = f"""nullif(regexp_extract("note attributes", '{_IN_NOTES}', 1), '')"""
_OF_ORDER = (_order({}, "order_id"),)
NAMINGS: Mapping[str, Sequence[Naming]] = {
    "ga4.events": _GA4,
    "ga4.events_intraday": _GA4,
    "snowplow.events": _SNOWPLOW,
    "segment.events": _SEGMENT,
    "shopify.customers": _CUSTOMERS,
    "shopify.customer": _CUSTOMERS,
    "shopify.orders": (
        _order(
            {
                **_RESOURCE,
                "email": "coalesce(nullif(email, ''), contact_email)",
                "phone": f"coalesce(nullif(phone, ''), {_first(_key, _ADDRESSES, 'phone')})",
                "visitor_id": _attribute("note_attributes", "visitor_id"),
            }
        ),
        _order({**_RESOURCE, "email": "contact_email"}),
        _order({**_RESOURCE, "email": _key("customer", "email")}),
    ),
    "shopify.order": (
        _order(
            {
                "customer_id": "customer_id",
                "email": "email",
                "phone": "coalesce(nullif(phone, ''), shipping_address_phone,"
                " billing_address_phone)",
                "cart_id": "cart_token",
            }
        ),
    ),
    "shopify.order_note_attribute": (
        _order(
            {"visitor_id": "case when name = 'visitor_id' then trim(value, '\"') end"}, "order_id"
        ),
    ),
    "shopify.orders_export": tuple(
        _order({"email": "email", "phone": phone, "visitor_id": _EXPORTED_VISITOR}, order_id)
        for order_id in ("id", "name")
        for phone in ("phone", '"billing phone"')
    ),
    "shopify.refunds": _OF_ORDER,
    "shopify.refund": _OF_ORDER,
    "shopify.order_line": _OF_ORDER,
    "shopify.order_shipping_line": _OF_ORDER,
    "shopify.order_adjustment": _OF_ORDER,
}
# Described columns that a row loses without its person; what no adapter describes goes anyway.
_LOST = frozenset(
    {
        *("email", "contact_email", "phone", "cart_token", "customer", "customer_id"),
        *("note", "note_attributes", "note attributes", "value"),
    }
)
_COUNTRY_ALONE = ("shipping_address", "billing_address")
_KEY_OF_ONE_PERSON = re.compile(
    r"mail|phone|address|customer|user|receipt|payment|propert|note|destination|origin_location|browser"
    r"|company|author|token|^ip$|latitude|longitude|first_name|last_name",
    re.IGNORECASE,
)


def select_naming(naming: Naming) -> str:
    """The list of a select that gives a raw row's identifiers by column of the contract."""
    return ", ".join(f"{sql} as {name}" for name, sql in naming.identifiers.items())


def identifiers(table: str, rows: pa.Table) -> list[tuple[str, pa.Table]]:
    """What rows of another system name, in their order, per entry of the table.

    Each is the table of the contract that the rows are like, with its columns.
    """
    found = []
    with duckdb.connect() as connection:
        texts = [name for name in rows.column_names if pa.types.is_string(rows[name].type)]
        connection.register("landed", rows.select(texts))
        for naming in NAMINGS.get(table, ()):
            query = f"select {select_naming(naming)} from ({with_all_columns(table, 'landed')})"
            result = connection.sql(query).to_arrow_table()
            found.append((naming.like, result))
    return found


# Columns that are read here and that no adapter describes.
_UNDESCRIBED = {
    "segment.events": ("previousid",),
    "shopify.orders": ("phone",),
    "shopify.order": ("phone", "shipping_address_phone", "billing_address_phone"),
    "shopify.orders_export": ("phone", "billing phone"),
    "shopify.customer": ("default_address",),
    "shopify.order_adjustment": ("order_id",),
}


def with_all_columns(table: str, rows: str) -> str:
    """A query of rows that has every column, null where the files lack it."""
    names = dict.fromkeys([*adapter_tables()[table].column_names, *_UNDESCRIBED.get(table, ())])
    nulls = ", ".join(f'cast(null as varchar) as "{name}"' for name in names)
    return f"select {nulls} where false union all by name select * from {rows}"


def without_person(table: str, rows: pa.Table, mine: pa.BooleanArray) -> pa.Table:
    """Rows of orders with what says whose they are taken out of those that are `mine`.

    Of an address the country stays: reports by country count orders that nobody placed any more.
    """
    described = {*adapter_tables()[table].column_names} - _LOST
    columns = [
        column
        if name.startswith("_") or not pa.types.is_string(column.type)
        else pc.if_else(mine, _left(name.lower(), column, described), column)
        for name, column in zip(rows.column_names, rows.columns, strict=True)
    ]
    return pa.table(columns, schema=rows.schema)


def _left(name: str, column: pa.ChunkedArray, described: set[str]) -> pa.Array:
    if name not in described:
        return pa.nulls(len(column), pa.string())
    keep = _country if name in _COUNTRY_ALONE else _pruned_text
    return pa.array([keep(text) for text in column.to_pylist()], pa.string())


def _country(text: str | None) -> str | None:
    try:
        country = json.loads(text or "")["country_code"]
    except (ValueError, TypeError, KeyError):
        return None
    return json.dumps({"country_code": country})


def _pruned_text(text: str | None) -> str | None:
    """A JSON text without what is of one person; any other text as it is."""
    if not text or text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        before = json.loads(text, parse_float=_Number, parse_int=_Number)
    except ValueError:
        return None
    after = _pruned(before)
    return text if after == before else _dumped(after)


class _Number(str):
    """A number as it is written: amounts lose no digit."""


def _pruned(value: object) -> object:
    if isinstance(value, dict):
        return {
            name: _pruned(inner)
            for name, inner in value.items()
            if not _KEY_OF_ONE_PERSON.search(name)
        }
    return [_pruned(inner) for inner in value] if isinstance(value, list) else value


def _dumped(value: object) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        parts = (f"{json.dumps(name)}: {_dumped(inner)}" for name, inner in value.items())
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_dumped, value)) + "]"
    return json.dumps(value)
