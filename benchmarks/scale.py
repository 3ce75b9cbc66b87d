"""How long the warehouse takes on a large shop, and against what.

    python -m benchmarks.scale [--events 10] [--only full,daily] [--repeat 3]

simulates a year of a shop with so many million events (kept in data/bench for the next time) and
measures the steps of benchmarks/steps.py, each as processes of their own on 2 threads. A plain copy
of the event files is measured before and after each step that is compared with it, so that a
machine that slows down slows down both. Each measurement is written to results.jsonl beside the
shop as soon as it is there: what takes long can be measured one step at a time, and
`python -m benchmarks.report` makes a report of all of them.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import records
from benchmarks.machine import machine_facts
from benchmarks.measuring import GIB, Measurement, measure, program
from benchmarks.records import Record
from benchmarks.report import summary
from benchmarks.shops import shop_of
from benchmarks.steps import BY_NAME, STEPS, NotPossibleError, Place, Step

FOLDER = Path("data/bench")


@dataclass
class Bench:
    """Measures steps of one shop in one run."""

    place: Place
    run: str
    parsed: set[str] = field(default_factory=set)
    floor_before: Measurement | None = None

    def take(self, step: Step) -> Record:
        """Measure a step. Raises NotPossibleError, or MeasuredCommandError."""
        command = step.command(self.place)
        if not self.place.shop.zone.exists():
            BY_NAME["full"].prepare(self.place)
        self._parse(step)
        before = self._floor() if step.is_by_floor else None
        load = os.getloadavg()[0]
        step.prepare(self.place)
        measured = measure(command, step.settings(self.place))
        self.floor_before = None
        floors = (before, self._floor()) if before else ()
        return Record(
            million_events=self.place.shop.million_events,
            step=step.name,
            run=self.run,
            measured=measured,
            size_gib=_size(self.place.file(step.database)) / GIB,
            load_before=load,
            machine=machine_facts(),
            floors=floors,
            details=self._details(step),
        )

    def _floor(self) -> Measurement:
        """The plain copy; one that was just measured after another step counts here too."""
        if self.floor_before is None:
            step = BY_NAME["floor"]
            self.floor_before = measure(step.command(self.place), step.settings(self.place))
            self.place.file(step.database).unlink()
        return self.floor_before

    def _parse(self, step: Step) -> None:
        """Let dbt parse its project before the first build: only the first after a change does."""
        is_of_dbt = step.command(self.place)[0] == program("dbt")
        if is_of_dbt and step.target not in self.parsed and step.name != "naive":
            measure([program("dbt"), "--quiet", "parse"], step.settings(self.place))
            self.parsed.add(step.target)

    def _details(self, step: Step) -> dict[str, list[float]]:
        file = self.place.file(f"{step.name}.json")
        found: dict[str, list[float]] = json.loads(file.read_text()) if file.exists() else {}
        return found


def _size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def chosen_steps(only: str) -> list[Step]:
    """The steps that are named, in the order in which they build on each other."""
    names = set(only.split(",")) if only else set(BY_NAME)
    if unknown := names - set(BY_NAME):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there are {', '.join(BY_NAME)}")
    return [step for step in STEPS if step.name in names]


def main(
    events: Annotated[float, typer.Option(help="Millions of events of the shop.")] = 10,
    only: Annotated[str, typer.Option(help="Steps by name, with commas; all unless named.")] = "",
    repeat: Annotated[int, typer.Option(help="How often the steps are run through.")] = 1,
    shops: Annotated[Path, typer.Option(help="Where shops are simulated; only read.")] = FOLDER,
    work: Annotated[Path, typer.Option(help="Where warehouses and results are.")] = FOLDER,
) -> None:
    """Measure, and print how the steps compare."""
    steps = chosen_steps(only)
    place = Place(shop_of(events, shops, work))
    began = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    for number in range(repeat):
        bench = Bench(place, f"{began} #{number + 1}")
        for step in steps:
            try:
                record = bench.take(step)
            except NotPossibleError as reason:
                print(f"{step.name} is left out: {reason}", file=sys.stderr)
                continue
            records.write(place.file(records.FILE_NAME), record)
            print(f"{step.name}: {record.measured.seconds:.1f} s", file=sys.stderr)
    of_shop = [each for each in records.read(work) if each.million_events == events]
    Console().print(summary(of_shop, f"{events:g} million events"))


if __name__ == "__main__":
    typer.run(main)
