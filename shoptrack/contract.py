"""The input contract, read from the dbt sources: the raw tables and their columns."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("web", "shop")


class UnknownTableError(ValueError):
    """The name is not a table of the input contract; the message says which one was meant."""


@dataclass(frozen=True)
class Column:
    """One column of a raw table: the type staging casts it to, and whether files must have it."""

    name: str
    data_type: str
    required: bool


@dataclass(frozen=True)
class Table:
    """One raw table of the input contract, columns in contract order."""

    source: str
    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def qualified_name(self) -> str:
        """`source.name`, such as `web.events`."""
        return f"{self.source}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns, in contract order."""
        return tuple(column.name for column in self.columns)

    @property
    def required_columns(self) -> tuple[str, ...]:
        """Names of the columns that every file must have, in contract order."""
        return tuple(column.name for column in self.columns if column.required)


def sources_file(source: str) -> Path:
    """Path of the YAML file that describes the tables of one source."""
    return PROJECT_ROOT / "models" / "staging" / source / f"_{source}__sources.yml"


@cache
def tables() -> Mapping[str, Table]:
    """All raw tables by qualified name (`web.events`), in the order of the sources' YAML files."""
    found = (table for source in SOURCES for table in _read_sources(sources_file(source)))
    return {table.qualified_name: table for table in found}


def find_table(name: str) -> Table:
    """Return the table called `name` (`source.table`).

    Raises UnknownTableError with the nearest names when there is no such table.
    """
    known = tables()
    if name in known:
        return known[name]
    meant = _nearest_table(name, known)
    hint = f"did you mean {meant}?" if meant else f"the tables are {', '.join(known)}"
    raise UnknownTableError(f"there is no raw table {name!r}; {hint}")


def _nearest_table(name: str, known: Iterable[str]) -> str | None:
    by_table = {other.split(".")[1]: other for other in known}
    wanted = name.strip().lower().rpartition(".")[2]
    close = difflib.get_close_matches(wanted, list(by_table), n=1, cutoff=0.6)
    return by_table[close[0]] if close else None


def _read_sources(path: Path) -> list[Table]:
    import yaml  # noqa: PLC0415  (a fifth of a second that `shoptrack --help` need not wait for)

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as file:
        document = yaml.load(file, Loader=loader)
    return [
        _table(source["name"], entry)
        for source in document["sources"]
        for entry in source["tables"]
    ]


def _table(source: str, entry: Mapping[str, Any]) -> Table:
    columns = tuple(
        Column(
            name=column["name"],
            data_type=column["data_type"],
            required=bool(column.get("config", {}).get("meta", {}).get("required", False)),
        )
        for column in entry["columns"]
    )
    return Table(source, entry["name"], tuple(entry["config"]["meta"]["key"]), columns)
