"""How the exports of a raw table change from file to file: new, vanished and changed columns.

Files are in the order of their loads, then of their names, so that the answer is the same in
whatever order they were landed. The mart rpt_schema_drift says the same of all files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from shoptrack.landing.kinds import ExportShape, read_shape
from shoptrack.landing.zone import CONTRACT_FILE

WINDOW = 3  # var drift_window_files in dbt_project.yml
ChangeKind = Literal["new", "vanished", "changed_type"]


@dataclass(frozen=True)
class Change:
    """A column of an export that is not as it was; before and after are kinds of values."""

    column: str
    kind: ChangeKind
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.kind == "new":
            return f"{self.column} is new ({self.after or 'without values'})"
        if self.kind == "vanished":
            return f"{self.column} has vanished ({self.before or 'it had no values'})"
        return f"{self.column} was {self.before} and is {self.after}"


def drift_of(path: Path, window: int = WINDOW) -> list[Change]:
    """How a landed file differs from those before it; empty where there is none before."""
    files = [file for file in path.parent.glob("*.parquet") if file.name != CONTRACT_FILE]
    shapes = {file: shape for file in files if (shape := read_shape(file))}
    if path not in shapes:
        return []
    order = sorted(shapes, key=lambda file: (shapes[file].loaded_at, file.stem))
    before = order[: order.index(path)]
    return compare([shapes[file] for file in before], shapes[path], window)


def compare(
    before: Sequence[ExportShape], shape: ExportShape, window: int = WINDOW
) -> list[Change]:
    """Changes of an export against those before it, oldest first.

    New is a column that none of the last `window` files had, vanished one that all of them had:
    two systems that take turns in one table are no drift. A type has changed when it is not that of
    the last file with values in the column.
    """
    if not before:
        return []
    recent = before[-window:]
    changes = []
    for name, kind in shape.columns.items():
        if not any(name in each.columns for each in recent):
            changes.append(Change(name, "new", None, kind))
            continue
        last = _last_kind(before, name)
        if kind and last and kind != last:
            changes.append(Change(name, "changed_type", last, kind))
    for name in recent[-1].columns:
        if name not in shape.columns and all(name in each.columns for each in recent):
            changes.append(Change(name, "vanished", _last_kind(before, name), None))
    return sorted(changes, key=lambda change: (change.kind, change.column))


def _last_kind(before: Sequence[ExportShape], name: str) -> str | None:
    kinds = (each.columns.get(name) for each in reversed(before))
    return next((kind for kind in kinds if kind), None)
