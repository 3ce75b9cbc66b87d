"""Counts the work that builds make DuckDB do: statements, rows and bytes that are scanned.

Seconds depend on the machine and on what else it does; these counts hardly do. DuckDB's profile of
every statement says what each scan read: rows, and bytes of the columns that it took of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper

EVENT_FILES = "/web/events/"
_PROFILED = "set enable_profiling = 'no_output'; set profiling_coverage = 'ALL'"


@dataclass
class Work:
    """What statements did so far; event_rows: rows that were read from raw event files."""

    statements: int = 0
    rows: int = 0
    bytes: int = 0
    event_rows: int = 0
    _profiled: dict[int, duckdb.DuckDBPyConnection] = field(default_factory=dict)
    _unread: dict[int, duckdb.DuckDBPyConnection] = field(default_factory=dict)

    def execute(self, cursor: duckdb.DuckDBPyConnection, sql: str, bindings: Any) -> Any:
        """Run a statement of dbt's and count it; its profile is there once its rows are fetched."""
        self.settle(cursor)
        if id(cursor) not in self._profiled:
            cursor.execute(_PROFILED)
            self._profiled[id(cursor)] = cursor
        self._unread[id(cursor)] = cursor
        return cursor.execute(sql, bindings) if bindings is not None else cursor.execute(sql)

    def settle(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Count the last statement of a cursor, whose profile is about to be lost."""
        if self._unread.pop(id(cursor), None):
            self._read(cursor)

    def _read(self, cursor: duckdb.DuckDBPyConnection) -> None:
        profile = json.loads(cursor.get_profiling_information("json"))
        self.statements += 1
        for scan in _scans(profile.get("operator", [])):
            self.rows += scan["rows_scanned"]
            self.bytes += scan["intermediate_size_bytes"]
            if EVENT_FILES in scan["extra_info"].get("Filename(s)", ""):
                self.event_rows += scan["rows_scanned"]


def _scans(operators: list[dict[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for operator in operators:
        if operator.get("rows_scanned") is not None:
            yield operator
        yield from _scans(operator.get("children", []))


@contextmanager
def counted_work() -> Iterator[Work]:
    """Count what dbt runs in this process meanwhile."""
    work = Work()

    def execute(wrapper: Any, sql: str, bindings: Any = None) -> Any:
        return work.execute(wrapper._cursor, sql, bindings)

    def rollback(wrapper: Any) -> Any:
        work.settle(wrapper._cursor)
        return wrapper._cursor.rollback()

    def close(wrapper: Any) -> None:
        work.settle(wrapper._cursor)
        wrapper._cursor.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DuckDBCursorWrapper, "execute", execute)
        patch.setattr(DuckDBCursorWrapper, "rollback", rollback, raising=False)
        patch.setattr(DuckDBCursorWrapper, "close", close, raising=False)
        yield work
