"""Lands one file, or rows that are in memory, into the landing zone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from shoptrack.contract import Table, find_table
from shoptrack.landing.columns import ColumnFit, fit_columns, refuse_missing
from shoptrack.landing.csv_reading import CsvReader
from shoptrack.landing.erased_rows import ErasedRows
from shoptrack.landing.exports import Export, Kind, Progress, recognize
from shoptrack.landing.json_reading import JsonReader, MoreColumnsError
from shoptrack.landing.parquet_reading import ParquetReader
from shoptrack.landing.refusal import RefusedFileError
from shoptrack.landing.writing import Stamp, as_text, content_digest, utc, write_rows
from shoptrack.landing.zone import (
    find_landed,
    folder_lock,
    install,
    landed_path,
    remove_leftovers,
    table_folder,
    temporary_file,
)


@dataclass(frozen=True)
class LandedFile:
    """The outcome of a land.

    path: the landed Parquet file. is_new: False when the same content had been landed before, and
    nothing was written. row_count: rows that were written. unknown_columns: columns that were kept
    though the contract does not know them. erased_row_count: rows that named somebody who was
    erased; they were left out or, where they count without the person, written without him.
    """

    path: Path
    is_new: bool
    row_count: int
    unknown_columns: tuple[str, ...] = ()
    erased_row_count: int = 0


class Reader(Protocol):
    """An export whose columns fit the table."""

    fit: ColumnFit

    def check(self, progress: Progress) -> str:
        """Read the whole file once and return the SHA-256 of its content."""

    def batches(self, progress: Progress) -> Iterator[pa.Table]:
        """Yield the rows as text columns under the names they are written with."""


def land_file(
    zone: Path,
    table: str,
    path: Path,
    *,
    loaded_at: datetime | None = None,
    progress: Progress = lambda _: None,
) -> LandedFile:
    """Land one CSV, JSON lines or Parquet export; the same content is landed once per table.

    `table` is `source.table`; `loaded_at` is now unless given (without a zone: UTC). `progress` is
    told how many bytes were read; every file is read twice. Raises UnknownTableError, or
    RefusedFileError, and then the zone is as it was.
    """
    contract = find_table(table)
    export = recognize(path)
    before = path.stat()
    reader = _reader(export, contract)
    digest = reader.check(progress)

    erased = ErasedRows(zone, contract)

    def write(temporary: Path, stamp: Stamp) -> int:
        row_count = _write_all(contract, reader, stamp, temporary, progress, erased)
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise RefusedFileError("it changed while it was read; land it when it is complete")
        return row_count

    folder = table_folder(zone, contract)
    landed = _land(folder, path.name, digest, loaded_at or datetime.now(UTC), write)
    return LandedFile(*landed, reader.fit.unknown, erased.row_count)


def land_table(
    zone: Path, table: str, rows: pa.Table, *, file_name: str, loaded_at: datetime
) -> LandedFile:
    """Land rows that are in memory, as if they came in a file called `file_name`.

    `table` is `source.table`; columns of any type become text; the same rows are landed once.
    Raises UnknownTableError, or RefusedFileError when the columns do not fit.
    """
    contract = find_table(table)
    fit = fit_columns(contract, rows.schema.names)
    refuse_missing(contract, fit)
    text = as_text(rows.rename_columns(list(fit.renamed.values())))

    erased = ErasedRows(zone, contract)

    def write(temporary: Path, stamp: Stamp) -> int:
        return write_rows(contract, erased.left_out([text]), fit.unknown, stamp, temporary)

    folder = table_folder(zone, contract)
    landed = _land(folder, file_name, content_digest(text), loaded_at, write)
    return LandedFile(*landed, fit.unknown, erased.row_count)


def _reader(export: Export, table: Table) -> Reader:
    readers: dict[Kind, type[CsvReader | JsonReader | ParquetReader]] = {
        "csv": CsvReader,
        "json": JsonReader,
        "parquet": ParquetReader,
    }
    return readers[export.kind](export, table)


def _write_all(  # noqa: PLR0913, PLR0917
    table: Table,
    reader: Reader,
    stamp: Stamp,
    temporary: Path,
    progress: Progress,
    erased: ErasedRows,
) -> int:
    while True:
        try:
            batches = erased.left_out(reader.batches(progress))
            row_count = write_rows(table, batches, reader.fit.unknown, stamp, temporary)
        except MoreColumnsError:
            continue
        if not row_count and not erased.row_count:
            raise RefusedFileError("it has no rows; nothing to land")
        return row_count


def _land(
    folder: Path,
    file_name: str,
    digest: str,
    loaded_at: datetime,
    write: Callable[[Path, Stamp], int],
) -> tuple[Path, bool, int]:
    """Write what is not landed yet; return the landed file, whether it is new, and its rows."""
    folder.mkdir(parents=True, exist_ok=True)
    remove_leftovers(folder)
    landed = find_landed(folder, digest)
    if landed:
        return landed, False, 0
    target = landed_path(folder, file_name, digest)
    with temporary_file(folder) as temporary:
        row_count = write(temporary, Stamp(utc(loaded_at), target.stem))
        with folder_lock(folder):
            landed = find_landed(folder, digest)
            if landed:
                return landed, False, 0
            install(temporary, target)
    return target, True, row_count
