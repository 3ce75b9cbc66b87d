"""What a long run of daily refreshes took, for the report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks import records
from benchmarks.charts import line_chart
from benchmarks.records import Record

FILE_NAME = "long_run.jsonl"
START, DAY, FRESH = "start", "day", "fresh"
WEEK = 7

LongRun = Sequence[Record]


def read(work: Path) -> list[LongRun]:
    """Long runs of all shops in a folder that have refreshed at least one day."""
    runs = [records.read_file(file) for file in sorted(work.glob(f"*/long_run/{FILE_NAME}"))]
    return [run for run in runs if days(run)]


def days(run: LongRun) -> list[Record]:
    """The refreshes, in their order."""
    return [record for record in run if record.step == DAY]


def charts(runs: Sequence[LongRun]) -> dict[str, str]:
    """SVG of time and size day by day, by the name of their files."""
    if not runs:
        return {}
    seconds = {
        _label(run): [(n, day.measured.seconds) for n, day in enumerate(days(run), 1)]
        for run in runs
    }
    sizes = {
        _label(run): [(n, record.size_gib) for n, record in enumerate(run) if record.step != FRESH]
        for run in runs
    }
    axis = "days refreshed one by one"
    return {
        "long-run-wall": line_chart("Wall time of each daily refresh", (axis, "seconds"), seconds),
        "long-run-size": line_chart("Size of the file after each", (axis, "GiB"), sizes),
    }


def section(run: LongRun) -> dict[str, str]:
    """What the report says of a long run."""
    seconds = [day.measured.seconds for day in days(run)]
    fresh = [record.size_gib for record in run if record.step == FRESH]
    size = days(run)[-1].size_gib
    return {
        "million_events": f"{run[0].million_events:g}",
        "days": str(len(seconds)),
        "week": f"{min(WEEK, len(seconds))} days, median",
        "first": f"{median(seconds[:WEEK]):.1f}",
        "last": f"{median(seconds[-WEEK:]):.1f}",
        "slowest": f"{max(seconds):.1f}",
        "size": f"{size:.2f}",
        "fresh_size": f"{fresh[-1]:.2f}" if fresh else "(not built yet)",
        "times_fresh": f"{size / fresh[-1]:.2f}" if fresh else "?",
    }


def _label(run: LongRun) -> str:
    return f"{run[0].million_events:g} million events"
