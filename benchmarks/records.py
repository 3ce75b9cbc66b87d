"""Measurements on disk: one line of JSON each, so that a report can be made from several runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measuring import Measurement

FILE_NAME = "results.jsonl"


@dataclass(frozen=True)
class Record:
    """One measurement of one step.

    run: which steps were measured in one go, so that they may be compared; floors: the floor just
    before and just after, none where a step has nothing to do with it; size_gib: the database file
    afterwards; load_before: processes that wanted a processor in the minute before, on an idle
    machine 0; details: seconds of the parts of a step each time, by their name.
    """

    million_events: float
    step: str
    run: str
    measured: Measurement
    size_gib: float
    load_before: float
    machine: Mapping[str, Any]
    floors: tuple[Measurement, ...] = ()
    details: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def times_floor(self) -> float | None:
        """Wall time as a multiple of the floor's beside it."""
        return _times([floor.seconds for floor in self.floors], self.measured.seconds)

    @property
    def processor_times_floor(self) -> float | None:
        """Processor time as a multiple of the floor's beside it."""
        seconds = [floor.processor_seconds for floor in self.floors]
        return _times(seconds, self.measured.processor_seconds)


def _times(floors: list[float], seconds: float) -> float | None:
    return seconds * len(floors) / sum(floors) if floors else None


def write(file: Path, record: Record) -> None:
    """Add a record to a file."""
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(asdict(record)) + "\n")


def read(folder: Path) -> list[Record]:
    """Records of all shops in a folder, in the order in which they were made."""
    files = sorted(folder.glob(f"*/{FILE_NAME}"))
    return [record for file in files for record in read_file(file)]


def read_file(file: Path) -> list[Record]:
    """Records of one file; none where it is absent."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [_record(json.loads(line)) for line in lines]


def _record(found: dict[str, Any]) -> Record:
    measured = Measurement(**found.pop("measured"))
    floors = tuple(Measurement(**floor) for floor in found.pop("floors"))
    return Record(measured=measured, floors=floors, **found)
