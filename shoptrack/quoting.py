"""Names and text in SQL: written the same way for DuckDB and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable


def quoted(name: str) -> str:
    """Return a name as SQL takes it whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def quoted_list(names: Iterable[str]) -> str:
    """Return names as a list of columns."""
    return ", ".join(map(quoted, names))


def literal(text: str | None) -> str:
    """Return text as a constant of SQL."""
    return "null" if text is None else "'" + text.replace("'", "''") + "'"
