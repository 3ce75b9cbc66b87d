"""What the driver reads of the landing zone: the names of files and what their footers say."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from shoptrack.landing.kinds import METADATA_KEY
from shoptrack.landing.zone import landing_zone


def paths() -> list[str]:
    """Paths of all landed files, `zone/source/table/file.parquet`, sorted."""
    zone = Path(os.path.abspath(landing_zone()))
    return sorted(str(path) for path in zone.glob("*/*/*.parquet") if path.name[0] not in "._")


def row_count(path: str) -> int:
    """Number of rows of a landed file."""
    return int(_footer(path, os.path.getmtime(path)).num_rows)


def column_names(files: list[str]) -> list[str]:
    """Names of all columns of landed files, in the order in which they first come."""
    found: dict[str, None] = {}
    for path in files:
        found.update(dict.fromkeys(_footer(path, os.path.getmtime(path)).schema.names))
    return list(found)


def export_shape(path: str) -> dict[str, Any]:
    """`loaded_at` and `columns` (name, kind) of the export behind a file; empty where unknown."""
    metadata = _footer(path, os.path.getmtime(path)).metadata or {}
    text = metadata.get(METADATA_KEY.encode())
    return json.loads(text) if text else {}


def newest_landing(table: str) -> datetime | None:
    """When the newest file of a raw table (`source/table`) was landed, UTC; None without any."""
    files = [path for path in paths() if f"/{table}/" in path and "/0_contract." not in path]
    if not files:
        return None
    return datetime.fromtimestamp(max(map(os.path.getmtime, files)), tz=UTC)


@cache
def _footer(path: str, modified: float) -> pq.FileMetaData:
    """The footer of a file, read once as long as the file stays what it is."""
    return pq.read_metadata(path)
