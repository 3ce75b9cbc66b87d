"""Documents in which each query stands with its answer: run the one, compare the other."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

_QUESTION = re.compile(r"```sql\n(?P<query>.*?)```\n(?P<answer>\n(?:\|[^\n]*\n)+)?", re.DOTALL)


class Cursor(Protocol):
    """What DuckDB's connections and psycopg's cursors both give after a query."""

    @property
    def description(self) -> Any:
        """One sequence per column, its name first."""

    def fetchall(self) -> list[Any]:
        """Rows of the result."""


class Connection(Protocol):
    """A connection of DuckDB or psycopg."""

    def execute(self, query: Any, /) -> Cursor:
        """Run a query."""


def queries(document: Path) -> list[str]:
    """Queries of a document, in their order."""
    text = document.read_text(encoding="utf-8")
    return [found["query"] for found in _QUESTION.finditer(text)]


def answered(document: Path, connection: Connection) -> str:
    """Text of a document in which each query has the answer that the connection gives."""

    def with_answer(found: re.Match[str]) -> str:
        return f"```sql\n{found['query']}```\n\n{_table(connection.execute(found['query']))}"

    return _QUESTION.sub(with_answer, document.read_text(encoding="utf-8"))


def assert_answers(document: Path, connection: Connection) -> None:
    """Compare the answers in a document with those of the connection, letter for letter.

    SHOPTRACK_RENEW_SNAPSHOTS=1 writes them anew, and still fails where they were others.
    """
    text = document.read_text(encoding="utf-8")
    expected = answered(document, connection)
    if os.environ.get("SHOPTRACK_RENEW_SNAPSHOTS"):
        document.write_text(expected, encoding="utf-8")
    assert text == expected


def _table(cursor: Cursor) -> str:
    names = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    rules = ["---:" if _is_numeric(column) else "---" for column in zip(*rows, strict=True)]
    lines = [names, rules or ["---"] * len(names), *(map(_shown, row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _is_numeric(column: Sequence[object]) -> bool:
    """Whether a column holds numbers and nothing else but nulls."""
    values = [value for value in column if value is not None]
    return bool(values) and all(
        isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in values
    )


def _shown(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{value:,}" if isinstance(value, int | float | Decimal) else str(value)
