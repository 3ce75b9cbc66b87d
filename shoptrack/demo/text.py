"""Turns codes and numbers into columns of text, without a Python loop over rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoptrack.demo.draws import Array

_HEX = np.array([f"{byte:02x}".encode() for byte in range(256)], dtype="S2")
_TEXT, _WHOLE = pa.string(), pa.int64()
_CENTS = pa.array([f"{cents:02d}" for cents in range(100)])
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)


def scramble(numbers: Array, salt: int) -> Array:
    """64-bit numbers that look random, different for different ones (splitmix64, Steele 2014)."""
    mixed = (numbers.astype(np.uint64) + np.uint64(salt)) * _GOLDEN
    for shift, factor in _MIX:
        mixed = (mixed ^ (mixed >> shift)) * factor
    return mixed ^ (mixed >> np.uint64(31))


def hex_ids(numbers: Array, salt: int) -> pa.Array:
    """16 hexadecimal digits per number, unique per salt; the form of an id that a tracker makes."""
    count = len(numbers)
    octets = scramble(numbers, salt).astype(">u8").view(np.uint8)
    offsets = np.arange(0, 16 * count + 1, 16, dtype=np.int32)
    letters = _HEX[octets].tobytes()
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(letters))


def numbered(prefix: str, numbers: Array, digits: int = 0) -> pa.Array:
    """`prefix` and each number, padded with zeros to `digits`."""
    text = pa.array(np.asarray(numbers, dtype=np.int64)).cast(pa.string())
    if digits:
        text = pc.utf8_lpad(text, digits, "0")
    return pc.binary_join_element_wise(pa.scalar(prefix), text, "")


def money(cents: Array) -> pa.Array:
    """Amounts in cents, 0 or more, as text with two decimals."""
    whole = pa.array(np.asarray(cents // 100, dtype=np.int64)).cast(pa.string())
    return pc.binary_join_element_wise(whole, _CENTS.take(pa.array(cents % 100)), ".")


def moments(at: Array) -> pa.Array:
    """Timestamps (UTC) from Unix milliseconds; 0 is null."""
    return pa.array(np.asarray(at, dtype="datetime64[ms]"), mask=at == 0)


def coded(values: pa.Array | Sequence[str | None], codes: Array) -> pa.DictionaryArray:
    """The value of each code; a negative code is null."""
    dictionary = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    indices = pa.array(np.asarray(codes, dtype=np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, dictionary)


def blank(column: pa.Array, is_blank: Array) -> pa.Array:
    """The column with nulls where `is_blank` is true."""
    if isinstance(column, pa.DictionaryArray):
        codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return coded(column.dictionary, np.where(is_blank, -1, codes))
    return pc.if_else(pa.array(is_blank), pa.scalar(None, column.type), column)


def plain(rows: pa.Table) -> pa.Table:
    """The same rows without dictionaries and with every column as text, but whole numbers."""
    columns = []
    for column in rows.columns:
        kind = column.type
        if kind in (_TEXT, _WHOLE):
            columns.append(column)
        else:
            columns.append(column.cast(_TEXT))
    return pa.table(columns, names=rows.column_names)
