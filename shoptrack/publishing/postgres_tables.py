"""One mart as a PostgreSQL table: made, filled, and then given its key, indexes and comments."""

from __future__ import annotations

import duckdb
import psycopg
import pyarrow as pa
from pyarrow import csv

from shoptrack.publishing.copied_marts import CopiedMart
from shoptrack.publishing.errors import PublishError
from shoptrack.publishing.postgres_server import Connection
from shoptrack.publishing.postgres_types import exported, postgres_type
from shoptrack.quoting import literal, quoted, quoted_list

ROWS_PER_BATCH = 50_000
INDEX_COMMENT = "Made by shoptrack publish"
# What people join facts and dimensions by, or look one up by. Further ids are keys of their marts.
INDEXED_IDS = ("customer_id", "visitor_id", "order_id", "product_id", "variant_id")
_LONGEST_NAME = 63  # bytes; PostgreSQL cuts what is longer


def load_table(
    connection: Connection, source: duckdb.DuckDBPyConnection, mart: CopiedMart, schema: str
) -> int:
    """Make and fill a table in the open transaction; return its rows.

    Raises PublishError where a name is too long for PostgreSQL, a type has no counterpart, or
    rows got lost.
    """
    table = f"{quoted(schema)}.{quoted(mart.name)}"
    connection.execute(_create(mart, table).encode())
    sent, arrived = _fill(connection, source, mart, table)
    if sent != arrived:
        raise PublishError(f"{mart.name} has {sent} rows and PostgreSQL's table {arrived}")
    _add_key(connection, mart, table)
    for column in indexed_columns(mart):
        index = _checked(f"{mart.name}_{column}_idx")
        connection.execute(f"create index {quoted(index)} on {table} ({quoted(column)})".encode())
        comment = f"comment on index {quoted(schema)}.{quoted(index)} is {literal(INDEX_COMMENT)}"
        connection.execute(comment.encode())
    connection.execute(_comments(mart, table).encode())
    connection.execute(f"analyze {table}".encode())
    return arrived


def indexed_columns(mart: CopiedMart) -> list[str]:
    """Columns with an index of their own: the date people filter by, and ids they join by.

    A column that the primary key begins with has one already.
    """
    names = [column.name for column in mart.columns]
    wanted = [*mart.dates[:1], *INDEXED_IDS]
    return [name for name in wanted if name in names and name not in mart.key[:1]]


def _create(mart: CopiedMart, table: str) -> str:
    _checked(mart.name)
    columns = [
        f"{quoted(_checked(column.name))} {postgres_type(column)}"
        + (" not null" if column.name in mart.key else "")
        for column in mart.columns
    ]
    # Rows arrive frozen and never change: a vacuum would only stand in the way of the next swap.
    return f"create table {table} ({', '.join(columns)}) with (autovacuum_enabled = false)"


def _checked(name: str) -> str:
    if len(name.encode()) > _LONGEST_NAME:
        raise PublishError(f"the name {name} is longer than PostgreSQL's {_LONGEST_NAME} bytes")
    return name


class _Sink:
    """What Arrow writes to like a file: hands on the bytes to COPY."""

    closed = False

    def __init__(self, copy: psycopg.Copy) -> None:
        self._copy = copy

    def write(self, data: bytes) -> int:
        self._copy.write(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """The COPY ends where it was begun."""


def _fill(
    connection: Connection, source: duckdb.DuckDBPyConnection, mart: CopiedMart, table: str
) -> tuple[int, int]:
    """Send all rows batch by batch in their order; return how many were sent and arrived.

    `freeze` is allowed because the table is new in this transaction. It spares the server writing
    every row again, and lets all readers see the rows from the moment of the swap on, also those
    whose snapshot is older.
    """
    columns = ", ".join(exported(column) for column in mart.columns)
    query = f"select {columns} from main.{quoted(mart.name)}"
    batches = source.sql(query).to_arrow_reader(ROWS_PER_BATCH)
    names = quoted_list(column.name for column in mart.columns)
    statement = f"copy {table} ({names}) from stdin (format csv, freeze)"
    # Text in quotes and null without any: so an empty text stays one.
    options = csv.WriteOptions(include_header=False, quoting_style="needed", batch_size=10_000)
    sent = 0
    with connection.cursor() as cursor:
        with cursor.copy(statement.encode()) as copy:
            sink = pa.PythonFile(_Sink(copy), mode="w")
            with csv.CSVWriter(sink, batches.schema, write_options=options) as writer:
                for batch in batches:
                    writer.write_batch(batch)
                    sent += batch.num_rows
        return sent, cursor.rowcount


def _add_key(connection: Connection, mart: CopiedMart, table: str) -> None:
    """The primary key; where its values are too long for an index, uniqueness of their hashes."""
    if not mart.key:
        return
    try:
        with connection.transaction():
            key = f"alter table {table} add primary key ({quoted_list(mart.key)})"
            connection.execute(key.encode())
    except psycopg.errors.ProgramLimitExceeded:
        kinds = {column.name: postgres_type(column) for column in mart.columns}
        hashes = ", ".join(
            f"md5({quoted(name)})" if kinds[name] == "text" else quoted(name) for name in mart.key
        )
        name = _checked(f"{mart.name}_key_idx")
        statement = f"create unique index {quoted(name)} on {table} ({hashes})"
        connection.execute(statement.encode())
        schema = table.rpartition(".")[0]
        comment = f"comment on index {schema}.{quoted(name)} is {literal(INDEX_COMMENT)}"
        connection.execute(comment.encode())


def _comments(mart: CopiedMart, table: str) -> str:
    statements = [f"comment on table {table} is {literal(mart.comment)}"]
    statements += [
        f"comment on column {table}.{quoted(column.name)} is {literal(column.comment)}"
        for column in mart.columns
    ]
    return "; ".join(statements)
