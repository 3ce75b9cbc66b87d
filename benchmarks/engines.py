"""All models on DuckDB and on Spark, one after the other, and what Spark says of its work.

    python -m benchmarks.engines [--events 1 --events 10]

builds the shops of benchmarks/shops.py in full without tests, on DuckDB and on Spark in local mode
(`make spark`, Java 17), and writes benchmarks/reports/<date>-engines.md. What processes took is the
operating system's; shuffled, spilled and heap bytes are the sums and peaks of Spark's event log.
Peaks of Spark are too high by up to what it holds: a process that it starts for a moment counts as
it does.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.machine import machine_facts
from benchmarks.measuring import GIB, Measurement, measure, program
from benchmarks.shops import Shop, shop_of
from benchmarks.steps import NO_TESTS

FOLDER = Path("data/bench")
REPORTS = Path("benchmarks/reports")
EVENT_LOG = """
spark.eventLog.enabled true
spark.eventLog.dir {folder}
spark.eventLog.compress false
spark.eventLog.rolling.enabled false
spark.eventLog.logStageExecutorMetrics true
"""
COLUMNS = (
    *("million events", "engine", "wall, s", "processor, s", "events per core-second"),
    *("peak, GiB", "stored, bytes per event", "heap, GiB", "shuffled, bytes per event"),
    *("largest shuffle, GiB", "spilled, GiB"),
)


@dataclass(frozen=True)
class SparkWork:
    """What Spark's tasks did, in bytes: the sum of all stages, and the largest of one stage."""

    shuffled: int = 0
    largest_shuffle: int = 0
    spilled: int = 0
    heap: int = 0


@dataclass(frozen=True)
class Build:
    """A full build of a shop on an engine."""

    million_events: float
    engine: str
    measured: Measurement
    stored: int
    spark: SparkWork | None

    @property
    def row(self) -> list[str]:
        """Under COLUMNS."""
        events = self.million_events * 1e6
        work = self.spark
        of_spark = ["", "", "", ""]
        if work:
            of_spark = [
                f"{work.heap / GIB:.2f}",
                f"{work.shuffled / events:.0f}",
                f"{work.largest_shuffle / GIB:.2f}",
                f"{work.spilled / GIB:.2f}",
            ]
        return [
            f"{self.million_events:g}",
            self.engine,
            f"{self.measured.seconds:.0f}",
            f"{self.measured.processor_seconds:.0f}",
            f"{events / self.measured.processor_seconds:,.0f}",
            f"{self.measured.peak_gib:.2f}",
            f"{self.stored / events:.0f}",
            *of_spark,
        ]


def build_on(engine: str, shop: Shop) -> Build:
    """Build a shop anew. Raises MeasuredCommandError where the build fails."""
    folder = shop.folder / f"on_{engine}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "conf").mkdir(parents=True)
    (folder / "log").mkdir()
    defaults = EVENT_LOG.format(folder=folder / "log")
    (folder / "conf" / "spark-defaults.conf").write_text(defaults, encoding="utf-8")
    settings = {
        "DBT_TARGET_PATH": str(folder / "target"),
        "SHOPTRACK_LANDING": str(shop.zone),
        "SHOPTRACK_SPARK_WAREHOUSE": str(folder / "warehouse"),
        "SHOPTRACK_TARGET": engine,
        "SHOPTRACK_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "SPARK_CONF_DIR": str(folder / "conf"),
    }
    measure([program("dbt"), "--quiet", "parse"], settings)
    measured = measure([program("dbt"), "--quiet", "build", *NO_TESTS], settings)
    work = spark_work(folder / "log") if engine == "spark" else None
    stored = sum(
        file.stat().st_size
        for file in folder.rglob("*")
        if file.is_file() and (file.suffix in {".parquet", ".duckdb"})
    )
    return Build(shop.million_events, engine, measured, stored, work)


def spark_work(log: Path) -> SparkWork:
    """Read the event logs in a folder, of as many applications as there were."""
    shuffles: dict[tuple[str, int], int] = {}
    spilled = heap = 0
    for file in (path for path in log.rglob("*") if path.is_file() and path.name[0] != "."):
        for event in _events(file):
            metrics = event.get("Task Metrics") or {}
            stage = (file.name, event.get("Stage ID", -1))
            written = metrics.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
            shuffles[stage] = shuffles.get(stage, 0) + written
            spilled += metrics.get("Disk Bytes Spilled", 0)
            heap = max(heap, _heap(event))
    return SparkWork(sum(shuffles.values()), max(shuffles.values(), default=0), spilled, heap)


def _events(file: Path) -> Iterable[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def _heap(event: Mapping[str, Any]) -> int:
    metrics = event.get("Executor Metrics") or event.get("Task Executor Metrics") or {}
    return int(metrics.get("JVMHeapMemory", 0)) if isinstance(metrics, dict) else 0


def report(builds: list[Build], today: date) -> str:
    """The report as Markdown."""
    machine = machine_facts()
    lines = [
        f"# DuckDB and Spark, {today}",
        "",
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB; DuckDB"
        f" {machine['duckdb']}, Spark in local mode; commit {machine['commit']}. Full builds of all"
        " models without tests, one after the other; dbt's start and Spark's are included.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|{'---:|' * len(COLUMNS)}",
        *(f"| {' | '.join(build.row)} |" for build in builds),
        "",
    ]
    for size in dict.fromkeys(build.million_events for build in builds):
        of_size = {b.engine: b.measured for b in builds if b.million_events == size}
        if {"duckdb", "spark"} <= of_size.keys():
            wall = of_size["spark"].seconds / of_size["duckdb"].seconds
            work = of_size["spark"].processor_seconds / of_size["duckdb"].processor_seconds
            lines += [
                f"{size:g} million events: Spark takes {wall:.1f} times DuckDB's wall time and"
                f" {work:.1f} times its processor time.",
                "",
            ]
    return "\n".join(lines)


def main(
    events: Annotated[list[float] | None, typer.Option(help="Millions of events.")] = None,
    engines: Annotated[str, typer.Option(help="Engines, with commas.")] = "duckdb,spark",
    shops: Annotated[Path, typer.Option(help="Where shops are simulated; only read.")] = FOLDER,
    work: Annotated[Path, typer.Option(help="Where warehouses are.")] = FOLDER,
    reports: Annotated[Path, typer.Option(help="Where the report goes.")] = REPORTS,
) -> None:
    """Measure, and write the report."""
    builds = []
    for size in events or [1, 10]:
        shop = shop_of(size, shops, work)
        shop.begin_anew(held_back=0)
        for engine in engines.split(","):
            builds.append(build_on(engine, shop))
            print(" | ".join(builds[-1].row), file=sys.stderr, flush=True)
    today = date.today()
    reports.mkdir(parents=True, exist_ok=True)
    (reports / f"{today}-engines.md").write_text(report(builds, today), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
