"""The warehouse on Apache Spark: a folder of Parquet tables, which DuckDB shows as views."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from shoptrack.public_marts import public_marts
from shoptrack.quoting import literal, quoted

READ_BY_PROGRAMS = ("marts.*", "bookkeeping.build_results", "intermediate.int_reporting_currency")
_OF_LAKE_FORMATS = ("_delta_log", "metadata")


class SparkTablesError(RuntimeError):
    """Tables cannot be read; the message says why and what to do."""


def show_tables(
    connection: duckdb.DuckDBPyConnection, tables: Path, wanted: tuple[str, ...] = READ_BY_PROGRAMS
) -> None:
    """Make a view per Parquet table in a folder of schemas; marts get their descriptions.

    wanted: which tables, as `schema.table` or `schema.*`. Raises SparkTablesError where a build
    changes them meanwhile, or they are of another format.
    """
    with reading(tables):
        for schema, folder in _folders(tables, wanted):
            _show(connection, schema, folder)
        _describe(connection)


@contextmanager
def reading(tables: Path) -> Iterator[None]:
    """Raise SparkTablesError where a file goes that is read: nobody holds Spark's tables."""
    try:
        yield
    except (duckdb.IOException, FileNotFoundError) as error:
        raise SparkTablesError(
            f"the warehouse {tables} is in use by a build, which replaces what is read: {error}"
        ) from error


def _folders(tables: Path, wanted: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """Folders of tables with their schema."""
    for name in wanted:
        schema, _, table = name.partition(".")
        for folder in sorted((tables / f"{schema}.db").glob(f"{table}/")):
            yield schema, folder


def _show(connection: duckdb.DuckDBPyConnection, schema: str, folder: Path) -> None:
    if any((folder / name).exists() for name in _OF_LAKE_FORMATS):
        raise SparkTablesError(
            f"{folder} is a table of a lake format: only Parquet tables can be read without Spark"
        )
    files = [file for file in folder.rglob("*.parquet") if _is_data(file, folder)]
    if files:
        listed = ", ".join(literal(str(file)) for file in files)
        has_parts = any("=" in part for part in files[0].relative_to(folder).parts)
        connection.execute(f"create schema if not exists {quoted(schema)}")
        connection.execute(
            f"create view {quoted(schema)}.{quoted(folder.name)} as select *"
            f" from read_parquet([{listed}], hive_partitioning = {str(has_parts).lower()})"
        )


def _is_data(file: Path, folder: Path) -> bool:
    """Whether a file belongs to the table: what Spark has not finished is in hidden folders."""
    return not any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)


def _describe(connection: duckdb.DuckDBPyConnection) -> None:
    """Marts and their columns get the descriptions that Parquet files do not hold."""
    built = set(
        connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts'"
        ).fetchall()
    )
    for mart in public_marts():
        view = f"marts.{quoted(mart.name)}"
        if any(name == mart.name for name, _ in built):
            connection.execute(f"comment on view {view} is {literal(mart.description)}")
        for column, text in zip(mart.columns, mart.descriptions, strict=True):
            if (mart.name, column) in built:
                connection.execute(f"comment on column {view}.{quoted(column)} is {literal(text)}")
