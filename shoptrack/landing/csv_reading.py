"""Reads CSV exports: UTF-8, a header, values as text exactly as they came."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from shoptrack.contract import Table
from shoptrack.landing.columns import ColumnFit, fit_columns, refuse_missing
from shoptrack.landing.exports import (
    Export,
    Progress,
    describe_bytes,
    refusing_unreadable,
    scan,
)
from shoptrack.landing.refusal import RefusedFileError

DELIMITERS = (",", ";", "\t")
_LONGEST_HEADER = 1 << 20
_BLOCK_BYTES = (8 << 20, 64 << 20, 512 << 20)  # a row must fit in one block
_ROW_TOO_LONG = "straddling object straddles two block boundaries"
_QUOTE = ord('"')
_BROKEN_QUOTES = (
    "a quoted value goes on after its closing quote, or is never closed. A quote inside a value"
    ' must be doubled (""), not escaped with a backslash; if the file was cut off, export it again'
)

csv.field_size_limit(sys.maxsize)


class _WholeLineEnds(io.RawIOBase):
    """A file read in pieces that never end between the two characters of a CRLF.

    Arrow drops a line feed that begins a block after one that ended with a carriage return, also
    inside quotes.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._held = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            whole, self._held = self._held + self._file.read(), b""
            return whole
        piece = self._held + self._file.read(size - len(self._held))
        self._held = piece[-1:] if len(piece) > 1 and piece.endswith(b"\r") else b""
        return piece.removesuffix(self._held)


class CsvReader:
    """A CSV export, read in blocks of bounded size."""

    def __init__(self, export: Export, table: Table) -> None:
        """Read the header. Raises RefusedFileError when it does not fit the table."""
        self._export = export
        self._table = table
        with refusing_unreadable(), export.open() as file:
            head = file.read(_LONGEST_HEADER)
        self._delimiter, self._names, self._header_bytes = _read_header(head, table)
        self.fit: ColumnFit = fit_columns(table, self._names)
        refuse_missing(table, self.fit)

    def check(self, progress: Progress) -> str:
        """Read the whole file once and return the SHA-256 of its content.

        Raises RefusedFileError, with the row, for bytes that are not UTF-8 and for broken quotes.
        """
        quotes = QuoteCheck(self._delimiter)
        found = scan(self._export, progress, quotes.feed)
        if not found.is_text or not quotes.is_clean():
            self._refuse_fault()
        return found.digest

    def batches(self, progress: Progress) -> Iterator[pa.Table]:
        """Yield the rows as text columns under the names they are written with."""
        done = 0
        for block_bytes in _BLOCK_BYTES:
            position = 0
            try:
                for batch in self._blocks(block_bytes, progress):
                    position += batch.num_rows
                    if position > done:
                        yield batch.slice(max(0, batch.num_rows - (position - done)))
                        done = position
                return
            except pa.ArrowInvalid as error:
                if _ROW_TOO_LONG not in str(error) or block_bytes == _BLOCK_BYTES[-1]:
                    self._refuse_fault(str(error))

    def _blocks(self, block_bytes: int, progress: Progress) -> Iterator[pa.Table]:
        with refusing_unreadable(), self._export.open(progress) as file:
            file.read(self._header_bytes)
            reader = pc.open_csv(
                _WholeLineEnds(file),
                pc.ReadOptions(block_size=block_bytes, column_names=list(self._names)),
                pc.ParseOptions(delimiter=self._delimiter, newlines_in_values=True),
                pc.ConvertOptions(
                    column_types=dict.fromkeys(self._names, pa.string()),
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
            for batch in reader:
                yield pa.Table.from_batches([batch]).rename_columns(
                    [self.fit.renamed[name] for name in self._names]
                )

    def _refuse_fault(self, otherwise: str | None = None) -> None:
        """Find the first row with a fault and raise RefusedFileError.

        Slow but exact, row by row. Without a fault, it raises only when `otherwise` says why.
        """
        with self._export.open_text() as text:
            rows = csv.reader(text, delimiter=self._delimiter, strict=True)
            row, line = -1, 1
            try:
                for values in rows:
                    row += bool(values)
                    fault = _row_fault(values, self._names) if values and row else None
                    if fault:
                        raise RefusedFileError(f"row {row} (line {line}): {fault}")
                    line = rows.line_num + 1
            except csv.Error as error:
                where = f"row {row + 1} (line {line})" if row >= 0 else "the header"
                raise RefusedFileError(f"{where}: {_BROKEN_QUOTES}") from error
        if row == 0:
            raise RefusedFileError("it has a header but no rows; nothing to land")
        if otherwise:
            raise RefusedFileError(f"it cannot be read as CSV: {otherwise}")


def _row_fault(values: Sequence[str], names: Sequence[str]) -> str | None:
    for name, value in zip(names, values, strict=False):
        fault = describe_bytes(value)
        if fault:
            return f"column {name}: {fault}"
    if len(values) < len(names):
        return (
            f"{len(values)} fields where the header has {len(names)}; the row ends before column"
            f" {names[len(values)]}. Was the file cut off, or does a value hold a line break"
            " without quotes?"
        )
    if len(values) > len(names):
        return (
            f"{len(values)} fields where the header has {len(names)}; does a value hold the"
            " delimiter without quotes? Put such values in double quotes"
        )
    return None


def _read_header(head: bytes, table: Table) -> tuple[str, tuple[str, ...], int]:
    """Return the delimiter, the names, and the number of bytes of the header without its line end.

    The delimiter is the one under which most names are the contract's, then most names at all. The
    line end stays because Arrow drops a byte order mark that its input begins with, and the first
    value may begin with one; the blank line that is left is no row.
    """
    text = head.decode("utf-8", errors="surrogateescape")
    mark = len("\ufeff".encode()) if text.startswith("\ufeff") else 0
    text = text.removeprefix("\ufeff")
    readings = [(delimiter, *_first_record(text, delimiter)) for delimiter in DELIMITERS]
    known = set(table.column_names)
    delimiter, names, length = max(
        readings,
        key=lambda reading: (
            sum(name.strip().lower() in known for name in reading[1]),
            len(reading[1]),
        ),
    )
    fault = describe_bytes("".join(names))
    if not names or fault:
        raise RefusedFileError(
            f"the header: {fault or 'there is none, the file has blank lines only'}"
        )
    header = text[:length].rstrip("\r\n")
    return delimiter, names, mark + len(header.encode(errors="surrogateescape"))


def _first_record(text: str, delimiter: str) -> tuple[tuple[str, ...], int]:
    file = io.StringIO(text, newline="")
    try:
        names = next((names for names in csv.reader(file, delimiter=delimiter) if names), [])
    except csv.Error as error:
        raise RefusedFileError(f"the header cannot be read as CSV: {error}") from error
    return tuple(names), file.tell()


class QuoteCheck:
    """Tells whether every double quote in a stream of CSV is where RFC 4180 puts it.

    Counted from 0, even quotes open a value (after a delimiter, a line end, or a closing quote that
    they escape) and odd ones close it (before the same). Where that holds, no value has text after
    its closing quote and none is left open. Where it does not, the file may still be readable: a
    quote inside an unquoted value is plain text.
    """

    def __init__(self, delimiter: str) -> None:
        self._allowed = np.zeros(256, dtype=bool)
        self._allowed[np.frombuffer(f'{delimiter}\r\n"'.encode(), np.uint8)] = True
        self._count = 0
        self._is_clean = True
        self._before: bytes | None = None
        self._last = b""

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes."""
        if self._before is None:
            chunk, self._before = chunk.removeprefix(b"\xef\xbb\xbf"), b"\n"
        data = self._before + self._last + chunk
        if self._is_clean and len(data) > 2:
            self._look(np.frombuffer(data, np.uint8))
        if len(data) > 1:
            self._before, self._last = data[-2:-1], data[-1:]

    def _look(self, data: np.typing.NDArray[np.uint8]) -> None:
        quotes = np.flatnonzero(data[1:-1] == _QUOTE) + 1
        opening = quotes[self._count % 2 :: 2]
        closing = quotes[1 - self._count % 2 :: 2]
        self._count += len(quotes)
        before, after = self._allowed[data[opening - 1]], self._allowed[data[closing + 1]]
        self._is_clean = bool(before.all() and after.all())

    def is_clean(self) -> bool:
        """Whether it held to the end of the stream."""
        self.feed(b"\n")
        return self._is_clean and self._count % 2 == 0
