"""The raw tables and their columns, read from the dbt sources.

The sources in SOURCES are the input contract. Every other folder of models/staging that describes
sources is an adapter: its raw tables have the shape of another system's exports, and its models
turn them into tables of the contract.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parent.parent
STAGING = PROJECT_ROOT / "models" / "staging"
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
    return STAGING / source / f"_{source}__sources.yml"


@cache
def tables() -> Mapping[str, Table]:
    """Tables of the contract by qualified name (`web.events`), in the order of the YAML files."""
    return _tables_of(SOURCES)


@cache
def adapters() -> tuple[str, ...]:
    """Names of the adapters, which are the names of their folders."""
    folders = sorted(path.name for path in STAGING.iterdir() if path.name not in SOURCES)
    return tuple(name for name in folders if sources_file(name).exists())


def chosen_adapters() -> tuple[str, ...]:
    """Adapters that dbt_project.yml turns on; a build may be given others with --vars."""
    project = _read_yaml(PROJECT_ROOT / "dbt_project.yml")
    return tuple(project["vars"].get("adapters") or ())


@cache
def adapter_tables() -> Mapping[str, Table]:
    """Raw tables of all adapters by qualified name (`google_ads.campaign_stats`)."""
    return _tables_of(adapters())


def find_table(name: str) -> Table:
    """Return the table called `name` (`source.table`), of the contract or of an adapter.

    Raises UnknownTableError with the nearest names when there is no such table.
    """
    if name in tables():
        return tables()[name]
    known = {**tables(), **adapter_tables()}
    if name in known:
        return known[name]
    raise UnknownTableError(f"there is no raw table {name!r}; {_hint(name, known)}")


def _hint(name: str, known: Mapping[str, Table]) -> str:
    source, _, wanted = name.strip().lower().rpartition(".")
    own = [table.qualified_name for table in known.values() if table.source == source]
    candidates = own if source in adapters() else [*tables(), *own]
    by_table = {other.split(".")[1]: other for other in candidates}
    close = difflib.get_close_matches(wanted, list(by_table), n=1, cutoff=0.6)
    if close:
        return f"did you mean {by_table[close[0]]}?"
    if source in adapters():
        return f"the adapter {source} reads {', '.join(own)}"
    others = ", ".join(adapters())
    return f"the tables are {', '.join(tables())}, and those of the adapters {others}"


def _tables_of(sources: Iterable[str]) -> Mapping[str, Table]:
    found = (table for source in sources for table in _read_sources(sources_file(source)))
    return {table.qualified_name: table for table in found}


def _read_sources(path: Path) -> list[Table]:
    return [
        _table(source["name"], entry)
        for source in _read_yaml(path)["sources"]
        for entry in source["tables"]
    ]


def _read_yaml(path: Path) -> Any:
    import yaml  # noqa: PLC0415  (a fifth of a second that `shoptrack --help` need not wait for)

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=loader)


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
