"""Turns columns of any type into text and writes them as one landed Parquet file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shoptrack.contract import Table
from shoptrack.landing.kinds import ExportShape, kinds
from shoptrack.landing.refusal import RefusedFileError
from shoptrack.landing.zone import META_COLUMNS

ROW_GROUP_ROWS = 122_880
ROW_GROUP_BYTES = 256 * 1024 * 1024
_EXACT_INTEGERS = 2.0**53


@dataclass(frozen=True)
class Stamp:
    """What landing adds to every row: the moment (naive, UTC) and the landed file's name."""

    loaded_at: datetime
    source_file: str


def utc(moment: datetime) -> datetime:
    """Return the moment as a naive UTC timestamp; one without a zone already is UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def landed_schema(table: Table, unknown: Sequence[str]) -> pa.Schema:
    """Schema of a landed file: contract columns, unknown columns, then what landing adds."""
    text = [(name, pa.string()) for name in (*table.column_names, *unknown)]
    added = zip(META_COLUMNS, (pa.timestamp("us"), pa.string(), pa.int64()), strict=True)
    return pa.schema([*text, *added])


def write_empty(table: Table, path: Path) -> None:
    """Write a landed file without rows."""
    write_rows(table, [], (), Stamp(datetime(1970, 1, 1), ""), path)


def write_rows(
    table: Table, batches: Iterable[pa.Table], unknown: Sequence[str], stamp: Stamp, path: Path
) -> int:
    """Write text columns as one landed file and return the number of rows.

    `batches` have text columns under the contract's names or those in `unknown`; a contract column
    that they lack is written as null. The file remembers which columns the export had, and the kind
    of their values. Memory is bounded by one row group.
    """
    schema = landed_schema(table, unknown)
    row_count = 0
    with pq.ParquetWriter(path, schema, compression="snappy") as writer:
        for group in _row_groups(batches):
            if not row_count:
                shape = ExportShape(stamp.loaded_at, kinds(table, group))
                writer.add_key_value_metadata(shape.as_metadata())
            writer.write_table(_stamped(group, schema, stamp, row_count))
            row_count += group.num_rows
    return row_count


def _row_groups(batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
    pending: list[pa.Table] = []
    rows = size = 0
    for batch in batches:
        for start in range(0, batch.num_rows, ROW_GROUP_ROWS):
            part = batch.slice(start, ROW_GROUP_ROWS)
            if pending and (rows + part.num_rows > ROW_GROUP_ROWS or size > ROW_GROUP_BYTES):
                yield pa.concat_tables(pending)
                pending, rows, size = [], 0, 0
            pending.append(part)
            rows += part.num_rows
            size += part.nbytes
    if pending:
        yield pa.concat_tables(pending)


def _stamped(group: pa.Table, schema: pa.Schema, stamp: Stamp, first_row: int) -> pa.Table:
    rows = group.num_rows
    added = {
        "_loaded_at": pa.repeat(pa.scalar(stamp.loaded_at, pa.timestamp("us")), rows),
        "_source_file": pa.repeat(pa.scalar(stamp.source_file), rows),
        "_source_row": pa.array(np.arange(first_row + 1, first_row + rows + 1)),
    }
    present = set(group.column_names)
    columns = [
        added[field.name]
        if field.name in added
        else group.column(field.name)
        if field.name in present
        else pa.nulls(rows, pa.string())
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def as_text(rows: pa.Table) -> pa.Table:
    """Return the rows with every column as text; lists, structs and maps become JSON.

    Raises RefusedFileError, with the column, for bytes that are not UTF-8 and for types that
    nothing here can turn into text.
    """
    columns = []
    for name, column in zip(rows.schema.names, rows.columns, strict=True):
        try:
            columns.append(_column_as_text(column))
        except pa.ArrowInvalid as error:
            raise RefusedFileError(f"column {name}: a value is not text ({error})") from error
        except RefusedFileError as error:
            raise RefusedFileError(f"column {name}: {error}") from error
    return pa.table(columns, names=rows.schema.names)


def _column_as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _column_as_text(column.cast(kind.value_type))
    if pa.types.is_nested(kind):
        return _converted(column, "to_json(value)")
    if isinstance(kind, pa.BaseExtensionType):
        return _converted(column, "value")
    if pa.types.is_floating(kind):
        return _float_as_text(column.cast(pa.float64()) if kind == pa.float16() else column)
    if pa.types.is_timestamp(kind) and kind.tz:
        column = column.cast(pa.timestamp(kind.unit, "UTC"))
    try:
        return column.cast(pa.string())
    except pa.ArrowNotImplementedError:
        return _converted(column, "value")


def _float_as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Shortest text that reads back as the same number; whole numbers as integers."""
    is_whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), _EXACT_INTEGERS))
    whole = pc.if_else(is_whole, column, None).cast(pa.int64()).cast(pa.string())
    return pc.coalesce(whole, column.cast(pa.string()))


def _converted(column: pa.ChunkedArray, expression: str) -> pa.ChunkedArray:
    """Text of a SQL expression over the column, for types that Arrow cannot turn into text."""
    import duckdb  # noqa: PLC0415  (only exports with such columns need it)

    query = f"select cast({expression} as varchar) as text from source"
    with duckdb.connect() as connection:
        try:
            connection.register("source", pa.table({"value": column}))
            return connection.sql(query).to_arrow_table().column("text").cast(pa.string())
        except duckdb.Error as error:
            raise RefusedFileError(
                f"values of the type {column.type} cannot be written as text; export it as text"
                f" ({error})"
            ) from error


def content_digest(rows: pa.Table) -> str:
    """SHA-256 of text rows: their column names, lengths, nulls and values, not their chunks."""
    digest = hashlib.sha256(repr(rows.schema.names).encode())
    for column in rows.columns:
        lengths = pc.fill_null(pc.binary_length(column), -1).cast(pa.int64())
        digest.update(lengths.to_numpy())
        for chunk in column.drop_null().chunks:
            _hash_values(digest, chunk)
    return digest.hexdigest()


def _hash_values(digest: hashlib._Hash, chunk: pa.StringArray) -> None:
    _, offsets, values = chunk.buffers()
    if values is None or len(chunk) == 0:
        return
    ends = np.frombuffer(offsets, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    digest.update(memoryview(values)[int(ends[0]) : int(ends[-1])])
