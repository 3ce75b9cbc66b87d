"""Reads Parquet exports: values of any type become text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq

from shoptrack.contract import Table
from shoptrack.landing.columns import ColumnFit, fit_columns, refuse_missing
from shoptrack.landing.exports import Export, Progress, scan
from shoptrack.landing.refusal import RefusedFileError
from shoptrack.landing.writing import as_text

_BATCH_ROWS = 16_384


class ParquetReader:
    """A Parquet export, read in batches of bounded size."""

    def __init__(self, export: Export, table: Table) -> None:
        """Read the footer. Raises RefusedFileError when it is broken or does not fit the table."""
        self._export = export
        with _refusing_damaged(), pq.ParquetFile(export.path) as file:
            names = file.schema_arrow.names
        self.fit: ColumnFit = fit_columns(table, names)
        refuse_missing(table, self.fit)
        self._written_names = [self.fit.renamed[name] for name in names]

    def check(self, progress: Progress) -> str:
        """Read the whole file once and return its SHA-256."""
        return scan(self._export, progress).digest

    def batches(self, progress: Progress) -> Iterator[pa.Table]:
        """Yield the rows as text columns under the names they are written with."""
        with _refusing_damaged(), pq.ParquetFile(self._export.path) as file:
            bytes_per_row = self._export.path.stat().st_size / max(1, file.metadata.num_rows)
            for batch in file.iter_batches(_BATCH_ROWS):
                table = pa.Table.from_batches([batch]).rename_columns(self._written_names)
                _refuse_broken_text(table)
                yield as_text(table)
                progress(round(batch.num_rows * bytes_per_row))


def _refuse_broken_text(rows: pa.Table) -> None:
    """Parquet calls a column text without checking that it is UTF-8."""
    for name, column in zip(rows.schema.names, rows.columns, strict=True):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid as error:
            raise RefusedFileError(f"column {name}: a value is not UTF-8 text ({error})") from error


@contextmanager
def _refusing_damaged() -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        reason = str(error).strip().rstrip(".")
        raise RefusedFileError(
            f"the Parquet file is cut off or damaged ({reason}); copy or export it again"
        ) from error
