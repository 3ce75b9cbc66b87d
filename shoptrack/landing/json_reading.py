"""Reads JSON lines: one object per line, numbers as the text they came as."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from typing import IO, Any, NoReturn

import pyarrow as pa
import pyarrow.compute as pc

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

_BATCH_BYTES = 8 << 20
_SURROGATE = rb"\ud"  # begins an escaped half of a surrogate pair
_BOM = b"\xef\xbb\xbf"

# Python's decoder can keep the text of a number only as a string. A mark on both sides, which no
# file can know, tells such a string from one that came in quotes.
_MARK = os.urandom(12).hex()
_mark = f"{_MARK}%s{_MARK}".__mod__


class DoubleKeyError(ValueError):
    """An object has a key twice: one of the two values would be lost."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        raise DoubleKeyError(next(name for name in names if names.count(name) > 1))
    return members


_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_mark, parse_int=_mark, parse_constant=_mark
).decode
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Rows = list[dict[str, Any]]


class MoreColumnsError(Exception):
    """Later lines had columns that the first ones lacked; the reader now knows all: read again."""


class JsonReader:
    """An export of JSON lines, read in batches of bounded size."""

    def __init__(self, export: Export, table: Table) -> None:
        """Take the columns from the first lines. Raises RefusedFileError when they do not fit."""
        self._export = export
        self._table = table
        self._names: dict[str, None] = {}
        with refusing_unreadable(), export.open() as file:
            self._take_names(next(self._decoded(file), []))
        self.fit: ColumnFit = fit_columns(table, list(self._names))

    def _take_names(self, rows: Rows) -> bool:
        """Remember the keys of the rows; say whether some of them are new."""
        if not set().union(*rows).difference(self._names):
            return False
        self._names.update(dict.fromkeys(name for row in rows for name in row))
        return True

    def check(self, progress: Progress) -> str:
        """Read the whole file once and return the SHA-256 of its content.

        Raises RefusedFileError, with the line, for bytes that are not UTF-8.
        """
        found = scan(self._export, progress)
        if not found.is_text:
            self._refuse_bytes()
        return found.digest

    def batches(self, progress: Progress) -> Iterator[pa.Table]:
        """Yield the rows as text columns under the names they are written with.

        Raises RefusedFileError for a line that is not a JSON object, and at the end when a required
        column was in no line; MoreColumnsError when the columns were not all known at the start.
        """
        has_more = False
        with refusing_unreadable(), self._export.open(progress) as file:
            for rows in self._decoded(file):
                has_more |= self._take_names(rows)
                if not has_more:
                    yield pa.table(
                        {self.fit.renamed[name]: _column(rows, name) for name in self._names}
                    )
        self.fit = fit_columns(self._table, list(self._names))
        if self._names:
            refuse_missing(self._table, self.fit)
        if has_more:
            raise MoreColumnsError

    def _decoded(self, file: IO[bytes]) -> Iterator[Rows]:
        """Yield lists of decoded lines, blank lines left out."""
        line_number = 1
        while lines := file.readlines(_BATCH_BYTES):
            if line_number == 1:
                lines[0] = lines[0].removeprefix(_BOM)
            rows = self._decode_lines(lines, line_number)
            if rows:
                yield rows
            line_number += len(lines)

    def _decode_lines(self, lines: list[bytes], first_number: int) -> Rows:
        filled = [line for line in lines if not line.isspace()]
        try:
            with _collection_paused():
                rows = [_decode(str(line, "utf-8")) for line in filled]
        except (ValueError, RecursionError) as error:
            _refuse_faults(lines, first_number)
            raise RefusedFileError(f"it cannot be read as JSON lines: {error}") from error
        has_surrogates = any(_SURROGATE in line.lower() for line in filled)
        if has_surrogates or not all(type(row) is dict for row in rows):
            _refuse_faults(lines, first_number)
        return rows

    def _refuse_bytes(self) -> NoReturn:
        with self._export.open_text() as text:
            for number, line in enumerate(text, start=1):
                fault = describe_bytes(line)
                if fault:
                    raise RefusedFileError(f"line {number}: {fault}")
        raise RefusedFileError("it is not UTF-8 text; export it again")


def _refuse_faults(lines: list[bytes], first_number: int) -> None:
    """Raise RefusedFileError when one of the lines is not a JSON object of valid text."""
    for number, line in enumerate(lines, start=first_number):
        text = str(line, "utf-8", errors="surrogateescape")
        fault = None if text.isspace() else describe_bytes(text) or _object_fault(text)
        if fault:
            raise RefusedFileError(f"line {number}: {fault}")


def _object_fault(text: str) -> str | None:
    """Say why a line is not a JSON object of valid text; None when it is one."""
    try:
        value = _decode(text)
        _encode(value).encode()
    except UnicodeEncodeError as error:
        escape = rf"\u{ord(error.object[error.start]):04x}"
        return f"{escape} is half of a surrogate pair and no character; correct it in the export"
    except json.JSONDecodeError as error:
        where = f"not valid JSON at character {error.pos + 1} ({error.msg}); {_ONE_OBJECT}"
        return _NOT_LINES if text.strip() in ("[", "{") else where
    except RecursionError:
        return "the JSON is nested too deep to be read"
    except DoubleKeyError as error:
        return f"the key {error} stands twice in an object; only one of its values can be kept"
    if isinstance(value, list):
        return _NOT_LINES
    return None if isinstance(value, dict) else f"this is not an object; {_ONE_OBJECT}"


_ONE_OBJECT = "every line must hold one whole object. Was the file cut off?"
_NOT_LINES = (
    "this is JSON, but not one object per line; convert it: jq -c '.[]' FILE > NEW.jsonl"
    " (jq -c . for a single object)"
)


def _column(rows: Rows, name: str) -> pa.Array:
    """One column of the rows as text; a key that a row lacks is null."""
    try:
        values = list(map(itemgetter(name), rows))
    except KeyError:
        values = [row.get(name) for row in rows]
    try:
        column = pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        column = pa.array([_as_text(value) for value in values], pa.string())
    return pc.replace_substring(column, _MARK, "")


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return _encode(value).replace(f'"{_MARK}', "").replace(f'{_MARK}"', "")


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Pause garbage collection: decoding makes many objects and no garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
