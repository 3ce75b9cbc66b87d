"""What the landing zone holds of a raw table, read from file names and Parquet footers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from shoptrack.contract import find_table
from shoptrack.landing.zone import CONTRACT_FILE, META_COLUMNS, table_folder


@dataclass(frozen=True)
class LandedTable:
    """Files and rows of a raw table; when its newest file was landed (UTC, None without one).

    columns: those of the newest file, or of the contract where no file was landed.
    """

    file_count: int
    row_count: int
    newest_at: datetime | None
    columns: tuple[str, ...]


def read_landed_table(zone: Path, name: str) -> LandedTable:
    """Read the state of a raw table (`source.table`)."""
    table = find_table(name)
    files = landed_files(zone, name)
    newest = max(files, key=lambda file: file.stat().st_mtime, default=None)
    columns = tuple(pq.read_schema(newest).names) if newest else table.column_names
    return LandedTable(
        file_count=len(files),
        row_count=sum(pq.read_metadata(file).num_rows for file in files),
        newest_at=datetime.fromtimestamp(newest.stat().st_mtime, UTC) if newest else None,
        columns=tuple(column for column in columns if column not in META_COLUMNS),
    )


def landed_files(zone: Path, name: str) -> list[Path]:
    """Return the landed files of a raw table, without the empty one that holds its contract."""
    folder = table_folder(zone, find_table(name))
    return sorted(file for file in folder.glob("*.parquet") if file.name != CONTRACT_FILE)
