"""What kind of values the columns of an export hold: what drift is judged by.

Landed columns are all text, so the kind is read off the values: an export may change from numbers
to text without changing its format. A kind is that of most values, because single broken ones are
rejected row by row and are no drift.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shoptrack.contract import Table

METADATA_KEY = "shoptrack_export"
_SAMPLE = 1000
_MOST = 0.75  # of the values that are looked at
_PATTERNS = {
    "whole number": r"^[+-]?[0-9]+$",
    "number": r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$",
    "boolean": r"(?i)^(true|false|yes|no|t|f|y|n|0|1)$",
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "timestamp": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}",
    "JSON": r"(?s)^\s*(\{.*\}|\[.*\])\s*$",
}
_CANDIDATES: Mapping[str, tuple[str, ...]] = {  # by the contract's type, narrowest first
    "text": ("JSON",),
    "json": ("JSON",),
    "boolean": ("boolean", "number"),
    "integer": ("whole number", "number", "boolean", "date", "timestamp", "JSON"),
}
_OTHERS = ("number", "boolean", "date", "timestamp", "JSON")


@dataclass(frozen=True)
class ExportShape:
    """What a landed file remembers of its export.

    loaded_at: the moment of the load (naive, UTC). columns: the export's own, by the names they are
    written under, each with its kind; None where it had no value to tell by.
    """

    loaded_at: datetime
    columns: Mapping[str, str | None]

    def as_metadata(self) -> dict[str, str]:
        """Key and value for the Parquet file."""
        columns = [{"name": name, "kind": kind} for name, kind in self.columns.items()]
        shape = {"loaded_at": self.loaded_at.isoformat(sep=" "), "columns": columns}
        return {METADATA_KEY: json.dumps(shape, ensure_ascii=False)}


def read_shape(path: Path) -> ExportShape | None:
    """Read what a landed file remembers of its export; None for files that remember nothing."""
    metadata: Mapping[bytes, bytes] = pq.read_metadata(path).metadata or {}
    text = metadata.get(METADATA_KEY.encode())
    if text is None:
        return None
    shape: dict[str, Any] = json.loads(text)
    columns = {column["name"]: column["kind"] for column in shape["columns"]}
    return ExportShape(datetime.fromisoformat(shape["loaded_at"]), columns)


def kinds(table: Table, rows: pa.Table) -> dict[str, str | None]:
    """Kind of every text column of the rows, which are the first of an export.

    A column that the contract types as text is text whatever it looks like, unless it is JSON: ids
    of one day may all be digits. Whole numbers are a kind where the contract wants them.
    """
    types = {column.name: column.data_type for column in table.columns}
    return {name: _kind(rows.column(name), types.get(name)) for name in rows.column_names}


def _kind(column: pa.ChunkedArray, data_type: str | None) -> str | None:
    values = pc.utf8_trim_whitespace(column.drop_null())
    values = values.filter(pc.greater(pc.utf8_length(values), 0))
    if len(values) == 0:
        return None
    step = max(1, len(values) // _SAMPLE)
    sample = values.take(pa.array(range(0, len(values), step)))
    for kind in _CANDIDATES.get(data_type or "", _OTHERS):
        fitting = pc.sum(pc.match_substring_regex(sample, _PATTERNS[kind])).as_py()
        if fitting >= _MOST * len(sample):
            return kind
    return "text"
