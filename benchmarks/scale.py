"""How long the warehouse takes on a large shop, against the floor: a plain copy of its event files.

    python -m benchmarks.scale [--events 10]

simulates a year of a shop with so many million events (kept in data/bench for the next time), then
measures in one run, each as a process of its own, with wall time and peak memory:

- floor: `create table … as select` of the event files, in an empty DuckDB file, before and after;
- full build: `dbt build` with all its tests, of all loads but the last;
- daily refresh: `dbt build` with all its tests, after the last day's load was added.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from shoptrack.demo import simulate

FOLDER = Path("data/bench")
DAYS = 365
EVENTS_PER_VISITOR = 18.5
FLOOR = """
import duckdb, sys
connection = duckdb.connect(sys.argv[2])
connection.execute(
    "set threads = 2; set memory_limit = '6GB'; set preserve_insertion_order = false; "
    "set enable_progress_bar = false"
)
connection.execute(
    f"create table events as select * from read_parquet('{sys.argv[1]}', union_by_name = true)"
)
"""


@dataclass(frozen=True)
class Measurement:
    """One process: its wall time in seconds and its peak resident memory in GiB."""

    seconds: float
    peak_gib: float


def measure(command: list[str], zone: Path, warehouse: Path) -> Measurement:
    """Run a command to its end; raises where it fails."""
    environment = os.environ | {
        "SHOPTRACK_LANDING": str(zone),
        "SHOPTRACK_WAREHOUSE": str(warehouse),
    }
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status):
        raise subprocess.CalledProcessError(os.waitstatus_to_exitcode(status), command)
    return Measurement(seconds, usage.ru_maxrss / 2**20)


def simulated_zone(million_events: float) -> Path:
    """The landing zone of the simulated shop, made on first use."""
    zone = FOLDER / f"{million_events:g}-million" / "landing"
    if not (zone / "truth.json").exists():
        shutil.rmtree(zone, ignore_errors=True)
        visitors = int(million_events * 1_000_000 / EVENTS_PER_VISITOR)
        with Progress() as bar:
            task = bar.add_task(f"simulating {million_events:g} million events", total=DAYS)
            simulate(
                zone,
                days=DAYS,
                visitors=visitors,
                on_day=lambda done, _: bar.update(task, completed=done),
            )
    return zone


def last_load(zone: Path) -> list[Path]:
    """The landed files of the last load, of all tables."""
    files = [file for file in zone.glob("*/*/*.parquet") if file.name != "0_contract.parquet"]
    loaded_at: dict[Path, datetime] = {}
    for file in files:
        query = f"select _loaded_at from read_parquet('{file}') limit 1"
        loaded_at[file] = duckdb.execute(query).fetchall()[0][0]
    newest = max(loaded_at.values())
    return [file for file in files if loaded_at[file] == newest]


def run(million_events: float) -> dict[str, list[Measurement]]:
    """Measure floor, full build and daily refresh of one shop."""
    simulated = simulated_zone(million_events)
    zone = simulated.with_name("measured")
    shutil.rmtree(zone, ignore_errors=True)
    shutil.copytree(simulated, zone, copy_function=os.link)
    held_back = [(file, simulated / file.relative_to(zone)) for file in last_load(zone)]
    for file, _ in held_back:
        file.unlink()
    warehouse = zone.with_name("warehouse.duckdb")
    copied = zone.with_name("floor.duckdb")
    build = [str(Path(sys.executable).with_name("dbt")), "--quiet", "build"]
    floor = [sys.executable, "-c", FLOOR, f"{zone}/web/events/*.parquet", str(copied)]
    commands = (
        ("floor", floor),
        ("full build", build),
        ("floor", floor),
        ("daily refresh", build),
        ("floor", floor),
    )
    found: dict[str, list[Measurement]] = {name: [] for name, _ in commands}
    for name, command in commands:
        copied.unlink(missing_ok=True)
        if name == "full build":
            warehouse.unlink(missing_ok=True)
        if name == "daily refresh":
            for file, original in held_back:
                os.link(original, file)
        found[name].append(measure(command, zone, warehouse))
        print(f"{name}: {found[name][-1].seconds:.1f} s", file=sys.stderr)
    copied.unlink(missing_ok=True)
    return found


def as_table(found: dict[str, list[Measurement]], title: str) -> Table:
    """The medians, side by side with the floor and the full build."""
    seconds = {name: statistics.median(m.seconds for m in runs) for name, runs in found.items()}
    table = Table("", "seconds", "× floor", "× full build", "peak memory, GiB", title=title)
    for name, runs in found.items():
        table.add_row(
            name,
            f"{seconds[name]:.1f}",
            f"{seconds[name] / seconds['floor']:.2f}",
            f"{seconds[name] / seconds['full build']:.2f}",
            f"{max(m.peak_gib for m in runs):.1f}",
        )
    return table


def main(
    events: Annotated[float, typer.Option(help="Millions of events of the shop.")] = 10,
) -> None:
    """Print how full build and daily refresh compare with a plain copy of the events."""
    found = run(events)
    Console().print(as_table(found, f"{events:g} million events, 365 daily loads, 2 threads"))


if __name__ == "__main__":
    typer.run(main)
