"""DuckDB's types in PostgreSQL: the type of a column, and its values as COPY reads them."""

from __future__ import annotations

import re

from shoptrack.publishing.copied_marts import CopiedColumn
from shoptrack.publishing.errors import PublishError
from shoptrack.quoting import quoted

_SAME = ("BIGINT", "BOOLEAN", "DATE", "INTEGER", "INTERVAL", "SMALLINT", "TIME", "TIMESTAMP")
_OTHER = {
    "BLOB": "bytea",
    "DOUBLE": "double precision",
    "FLOAT": "real",
    "HUGEINT": "numeric(39, 0)",
    "JSON": "jsonb",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP_NS": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TINYINT": "smallint",
    "UBIGINT": "numeric(20, 0)",
    "UHUGEINT": "numeric(39, 0)",
    "UINTEGER": "bigint",
    "USMALLINT": "integer",
    "UTINYINT": "smallint",
    "UUID": "uuid",
    "VARCHAR": "text",
}
_TYPES = {name: name.lower() for name in _SAME} | _OTHER
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
_LIST = re.compile(r"(.+)\[\d*\]")
_NESTED = ("STRUCT(", "MAP(", "UNION(")
_READ_AS_TEXT = ("INTERVAL", "UUID", "JSON", "HUGEINT", "UHUGEINT", "TIMESTAMP_NS")


def postgres_type(column: CopiedColumn) -> str:
    """Return PostgreSQL's type for a column of the copy.

    Lists of plain values become arrays; what is nested deeper becomes jsonb. Raises PublishError
    for a type that has no counterpart.
    """
    try:
        return _plain_type(column.type) or _nested_type(column.type)
    except KeyError:
        raise PublishError(
            f"column {column.name} has DuckDB's type {column.type}, which PostgreSQL has not: cast"
            " it in the mart"
        ) from None


def _plain_type(name: str) -> str | None:
    if found := _DECIMAL.fullmatch(name):
        return f"numeric({found[1]}, {found[2]})"
    return "text" if name.startswith("ENUM(") else _TYPES.get(name)


def _nested_type(name: str) -> str:
    if is_list := _LIST.fullmatch(name):
        element = _plain_type(is_list[1])
        return f"{element}[]" if element else "jsonb"
    if name.startswith(_NESTED):
        return "jsonb"
    raise KeyError(name)


def exported(column: CopiedColumn) -> str:
    """Return the DuckDB expression whose value, written as CSV, PostgreSQL reads back the same.

    Text loses its NUL characters to U+FFFD, because PostgreSQL stores none.
    """
    name, kind = quoted(column.name), postgres_type(column)
    if column.type == "VARCHAR":
        expression = _without_nul(name)
    elif column.type == "BLOB":
        expression = f"'\\x' || lower(hex({name}))"
    elif kind.endswith("[]"):
        expression = _array(name)
    elif kind == "jsonb" and column.type != "JSON":
        expression = f"cast(to_json({name}) as varchar)"
    elif column.type in _READ_AS_TEXT or column.type.startswith("ENUM("):
        expression = f"cast({name} as varchar)"
    else:
        return name
    return f"{expression} as {name}"


def _without_nul(text: str) -> str:
    return f"replace({text}, chr(0), chr(65533))"


def _array(name: str) -> str:
    """An array in braces, each element in quotes, in which only \\ and " mean something."""
    text = _without_nul("cast(element as varchar)")
    text = f"""replace(replace({text}, '\\', '\\\\'), '"', '\\"')"""
    elements = f"""list_transform({name}, lambda element: coalesce('"' || {text} || '"', 'NULL'))"""
    return f"'{{' || array_to_string({elements}, ',') || '}}'"
