"""Does it stay fast, and does the file stay small, when it is refreshed day after day?

    python -m benchmarks.long_run [--events 10] [--days 90]

builds a simulated year without its last 90 days, then lets them arrive one by one and refreshes
after each (`dbt build` without tests, which do not change the file): wall time of each, and the
size of the file after each. At the end a full build of the same files, into a file of its own, says
how large it would be. A run that was stopped goes on where it was. `python -m benchmarks.report`
draws it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import long_run_records, records
from benchmarks.long_run_records import DAY, FRESH, START
from benchmarks.machine import machine_facts
from benchmarks.measuring import GIB, measure, program
from benchmarks.records import Record
from benchmarks.scale import FOLDER
from benchmarks.shops import Shop, simulated_zone
from benchmarks.steps import NO_TESTS, Place

BUILD = [program("dbt"), "--quiet", "build", *NO_TESTS]


def build(place: Place, warehouse: Path, step: str) -> Record:
    """Build what has arrived and measure it."""
    load = os.getloadavg()[0]
    measured = measure(BUILD, place.settings(warehouse, "target"))
    return Record(
        million_events=place.shop.million_events,
        step=step,
        run="long run",
        measured=measured,
        size_gib=warehouse.stat().st_size / GIB,
        load_before=load,
        machine=machine_facts(),
    )


def begin(place: Place, days: int) -> Record:
    """Build everything but the last days."""
    place.shop.begin_anew(days + 1)
    place.warehouse.unlink(missing_ok=True)
    return build(place, place.warehouse, START)


def main(
    events: Annotated[float, typer.Option(help="Millions of events of the shop.")] = 10,
    days: Annotated[int, typer.Option(help="How many days arrive one by one.")] = 90,
    shops: Annotated[Path, typer.Option(help="Where shops are simulated; only read.")] = FOLDER,
    work: Annotated[Path, typer.Option(help="Where warehouses and results are.")] = FOLDER,
    anew: Annotated[bool, typer.Option(help="Forget a run that was stopped.")] = False,
) -> None:
    """Refresh day by day and write what each refresh took."""
    folder = work.absolute() / f"{events:g}-million" / "long_run"
    if anew:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    place = Place(Shop(events, simulated_zone(shops.absolute(), events), folder))
    file = folder / long_run_records.FILE_NAME
    done = [record.step for record in records.read_file(file)]
    if START in done:
        build(place, place.warehouse, DAY)  # what may have arrived when it was stopped
    else:
        records.write(file, begin(place, days))
    for number in range(done.count(DAY), days):
        place.shop.land_day()
        record = build(place, place.warehouse, DAY)
        records.write(file, record)
        Console().print(f"day {number + 1}: {record.measured.seconds:.1f} s")
    if FRESH not in done:
        fresh = folder / "fresh.duckdb"
        fresh.unlink(missing_ok=True)
        records.write(file, build(place, fresh, FRESH))
        fresh.unlink()


if __name__ == "__main__":
    typer.run(main)
