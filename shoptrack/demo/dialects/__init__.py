"""The same shop as other systems export it.

A dialect rewrites the rows of one load, which have the contract's shape, as the raw tables of an
adapter. The marts built from them equal those built from the contract's own files, but for what
NOT_CARRIED of the dialect's module says.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import pyarrow as pa

CONTRACT = "contract"
# Names of dialects, each a module of this package with a class Dialect.
DIALECTS = ("ads", "ga4", "segment", "shopify", "snowplow")


class RawRows(NamedTuple):
    """Rows of a raw table of an adapter, and the name of the file that they come in."""

    table: str
    file_name: str
    rows: pa.Table


class Dialect(Protocol):
    """Another system, exporting load by load; it may keep a memory of the loads before.

    contract_tables: what it carries, such as `web.events`. adapters: what must be on to read it.
    """

    contract_tables: tuple[str, ...]
    adapters: tuple[str, ...]

    def write(self, date: str, rows: Mapping[str, pa.Table]) -> Iterator[RawRows]:
        """Rewrite one load: its rows by contract table, all text; `date` is the load's day."""


class UnknownDialectError(ValueError):
    """There is no such dialect; the message says which there are."""


class Dialects:
    """The dialects that a shop is written in: the contract's own, others, or several at once."""

    def __init__(self, names: Sequence[str] = (CONTRACT,)) -> None:
        """Raises UnknownDialectError."""
        for name in names:
            if name not in (CONTRACT, *DIALECTS):
                known = ", ".join((CONTRACT, *DIALECTS))
                raise UnknownDialectError(f"there is no dialect {name!r}; there are {known}")
        self._dialects: list[Dialect] = [
            importlib.import_module(f"{__name__}.{name}").Dialect()
            for name in dict.fromkeys(names)
            if name != CONTRACT
        ]
        carried = {table for each in self._dialects for table in each.contract_tables}
        self._replaced = set() if CONTRACT in names else carried

    @property
    def adapters(self) -> tuple[str, ...]:
        """Adapters that must be on, so that a build reads what was written."""
        return tuple(name for each in self._dialects for name in each.adapters)

    def write(self, date: str, rows: Mapping[str, pa.Table]) -> Iterator[RawRows]:
        """Rewrite one load in every dialect; what none carries stays in the contract's shape."""
        yield from _contract_rows(date, rows, self._replaced)
        for dialect in self._dialects:
            carried = {table: rows[table] for table in dialect.contract_tables if table in rows}
            if carried:
                yield from dialect.write(date, carried)


def _contract_rows(
    date: str, rows: Mapping[str, pa.Table], replaced: Iterable[str]
) -> Iterator[RawRows]:
    for table, part in rows.items():
        if table not in replaced:
            yield RawRows(table, f"{table.split('.')[1]}_{date}.parquet", part)
