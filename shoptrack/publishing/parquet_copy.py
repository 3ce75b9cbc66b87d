"""The published marts as Parquet files: a folder that is swapped in as a whole."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from shoptrack.landing.zone import flush_to_disk, folder_lock, point
from shoptrack.publishing.copied_marts import CopiedColumn, CopiedMart, copied_marts, opened_copy
from shoptrack.publishing.duckdb_copy import ABOUT_COLUMNS, ABOUT_COMMENT
from shoptrack.publishing.errors import PublishError
from shoptrack.quoting import quoted

ROWS_PER_GROUP = 122_880  # DuckDB's own: one row group per thread, and bounded memory
_UNFINISHED = ".unfinished"
_LINK = ".link"


@dataclass(frozen=True)
class ParquetCopy:
    """What was exported: the folder, rows per mart, and the size of the files in bytes."""

    folder: Path
    row_counts: dict[str, int]
    size_bytes: int


def export_parquet(copy: Path, folder: Path, *, keep_before: bool = True) -> ParquetCopy:
    """Write each mart of a published copy to `folder`/<mart>.parquet, and show them all at once.

    The folder is a symbolic link to a hidden one beside it, which is replaced in one step; the
    export before is kept until the next one, for those who are still reading it, unless
    `keep_before` is false. Raises PublishError where the folder holds something else or cannot be
    written.
    """
    folder = Path(os.path.abspath(folder))  # not resolved: the link itself is meant
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with folder_lock(folder.parent), opened_copy(copy) as connection:
            _refuse_foreign(folder)
            return _export(connection, folder, keep_before)
    except (OSError, duckdb.Error, pa.ArrowException) as error:
        reason = " ".join(str(error).split())
        raise PublishError(f"the Parquet files {folder} cannot be written: {reason}") from error


def is_export(folder: Path) -> bool:
    """Whether a folder is one that `export_parquet` wrote."""
    return folder.is_symlink() and _is_export(folder, Path(os.readlink(folder)))


def _refuse_foreign(folder: Path) -> None:
    is_foreign_link = folder.is_symlink() and not is_export(folder)
    is_foreign = folder.exists() and not folder.is_symlink()
    if is_foreign and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    elif is_foreign or is_foreign_link:
        raise PublishError(
            f"{folder} holds something that shoptrack did not export: name a folder that does not"
            " exist yet"
        )


def _export(connection: duckdb.DuckDBPyConnection, folder: Path, keep_before: bool) -> ParquetCopy:
    marts = copied_marts(connection)
    final = folder.with_name(f".{folder.name}.{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
    _remove_leftovers(folder)
    with _unfinished(final) as new:
        row_counts = {mart.name: _write_mart(connection, mart, new) for mart in marts}
        _write_about(connection, new)
    before = Path(os.readlink(folder)).name if folder.is_symlink() else None
    point(folder, final, folder.with_name(final.name + _LINK))
    _remove_old(folder, {final.name, before if keep_before else None})
    size_bytes = sum(file.stat().st_size for file in final.iterdir())
    return ParquetCopy(folder, row_counts, size_bytes)


@contextmanager
def _unfinished(final: Path) -> Iterator[Path]:
    """A folder that gets its final name when all of it is on the disk."""
    unfinished = final.with_name(final.name + _UNFINISHED)
    unfinished.mkdir()
    try:
        yield unfinished
        for path in (*unfinished.iterdir(), unfinished):
            flush_to_disk(path)
        unfinished.rename(final)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _remove_leftovers(folder: Path) -> None:
    """Remove what an export that was killed left; the folder's lock keeps others out."""
    for path in folder.parent.iterdir():
        if path.name.startswith(f".{folder.name}."):
            if path.name.endswith(_UNFINISHED):
                shutil.rmtree(path)
            elif path.name.endswith(_LINK):
                path.unlink()


def _write_about(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    columns = tuple(CopiedColumn(name, "", text) for name, text in ABOUT_COLUMNS.items())
    about = CopiedMart("about.published_copy", ABOUT_COMMENT, columns, (), (), (), ())
    _write(connection, "select * from about.published_copy", about, folder)


def _write_mart(connection: duckdb.DuckDBPyConnection, mart: CopiedMart, folder: Path) -> int:
    return _write(connection, f"select * from main.{quoted(mart.name)}", mart, folder)


def _write(
    connection: duckdb.DuckDBPyConnection, query: str, mart: CopiedMart, folder: Path
) -> int:
    """Write a query's rows in their order; return how many there are."""
    batches = connection.sql(query).to_arrow_reader(ROWS_PER_GROUP)
    schema = _described(batches.schema, mart)
    sorted_by = [pq.SortingColumn(schema.get_field_index(name)) for name in mart.order]
    file = folder / f"{mart.name}.parquet"
    rows = 0
    with pq.ParquetWriter(
        file, schema, compression="zstd", sorting_columns=sorted_by or None
    ) as writer:
        for batch in batches:
            writer.write_batch(batch.cast(schema), row_group_size=ROWS_PER_GROUP)
            rows += batch.num_rows
    return rows


def _described(schema: pa.Schema, mart: CopiedMart) -> pa.Schema:
    """Put descriptions on the fields, for Arrow's readers, and in the footer, for all others."""
    comments = {column.name: column.comment or "" for column in mart.columns}
    fields = [field.with_metadata({"description": comments[field.name]}) for field in schema]
    footer = {"description": mart.comment or "", "column_descriptions": json.dumps(comments)}
    return pa.schema(fields, metadata=footer)


def _remove_old(folder: Path, kept: set[str | None]) -> None:
    """Remove exports by what the link named, not by their times: a clock may be set back."""
    for path in folder.parent.iterdir():
        if _is_export(folder, path) and path.name not in kept:
            shutil.rmtree(path)


def _is_export(folder: Path, path: Path) -> bool:
    return re.fullmatch(rf"\.{re.escape(folder.name)}\.\d{{8}}T\d{{12}}Z", path.name) is not None
