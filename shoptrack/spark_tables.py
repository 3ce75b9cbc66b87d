"""The warehouse on Apache Spark: a folder of Parquet tables, which DuckDB shows as views."""

from __future__ import annotations

from pathlib import Path

import duckdb

from shoptrack.public_marts import public_marts
from shoptrack.quoting import literal, quoted

_SUFFIX = ".db"  # of the folder of a schema


def show_tables(connection: duckdb.DuckDBPyConnection, tables: Path) -> None:
    """Make a view per Parquet table of a folder of schemas; marts get their descriptions."""
    for folder in sorted(tables.glob(f"*{_SUFFIX}/*/")):
        files = [str(file) for file in folder.rglob("*.parquet") if _is_data(file, folder)]
        if files:
            schema, table = quoted(folder.parent.name.removesuffix(_SUFFIX)), quoted(folder.name)
            listed = ", ".join(map(literal, files))
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(
                f"create view {schema}.{table} as"
                f" select * from read_parquet([{listed}], hive_partitioning = true)"
            )
    _describe(connection)


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
