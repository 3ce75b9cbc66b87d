"""What a published DuckDB copy holds: read to make further copies of the same state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from shoptrack.public_marts import public_marts
from shoptrack.publishing.duckdb_copy import in_memory
from shoptrack.publishing.errors import PublishError
from shoptrack.quoting import literal

_ATTACHED = "published_copy_of_marts"


@dataclass(frozen=True)
class CopiedColumn:
    """A column of a copied mart, with DuckDB's name of its type."""

    name: str
    type: str
    comment: str | None


@dataclass(frozen=True)
class CopiedMart:
    """A mart in the copy. order: the columns that its rows are sorted by."""

    name: str
    comment: str | None
    columns: tuple[CopiedColumn, ...]
    key: tuple[str, ...]
    dates: tuple[str, ...]
    personal: tuple[str, ...]
    order: tuple[str, ...]


@contextmanager
def opened_copy(copy: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The copy, read-only: it stays the same while it is open, whatever takes its place."""
    if not copy.exists():
        raise PublishError(f"there is no published copy at {copy}: run shoptrack publish first")
    with in_memory() as connection:
        try:
            connection.execute(f"attach {literal(str(copy))} as {_ATTACHED} (read_only)")
        except duckdb.Error as error:
            raise PublishError(f"the copy {copy} cannot be opened: {error}") from error
        connection.execute(f"use {_ATTACHED}")
        yield connection


def copied_marts(connection: duckdb.DuckDBPyConnection) -> list[CopiedMart]:
    """Return the marts of an opened copy by name; raises PublishError where it holds none."""
    comments = dict(
        connection.execute(
            "select table_name, comment from duckdb_tables()"
            " where database_name = current_database() and schema_name = 'main'"
        ).fetchall()
    )
    marts = [
        CopiedMart(
            name=mart.name,
            comment=comments[mart.name],
            columns=_columns(connection, mart.name),
            key=mart.key,
            dates=mart.dates,
            personal=mart.personal,
            order=mart.order,
        )
        for mart in public_marts()
        if mart.name in comments
    ]
    if not marts:
        raise PublishError("the published copy holds no marts: run shoptrack publish again")
    return marts


def _columns(connection: duckdb.DuckDBPyConnection, mart: str) -> tuple[CopiedColumn, ...]:
    rows = connection.execute(
        "select column_name, data_type, comment from duckdb_columns()"
        " where database_name = current_database() and schema_name = 'main' and table_name = ?"
        " order by column_index",
        [mart],
    ).fetchall()
    return tuple(CopiedColumn(*row) for row in rows)
