"""Makes a dated report of all measurements in a folder, with its pictures.

    python -m benchmarks.report [--work data/bench] [--reports benchmarks/reports]

Every figure is the median of its measurements. A ratio is the median of ratios, each of two
measurements that were made next to each other: with the floor just before and after, with the full
build and the other peers in the same run.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console
from rich.table import Table

from benchmarks import long_run_records, records
from benchmarks.charts import line_chart
from benchmarks.records import Record
from benchmarks.steps import BY_NAME

TEMPLATE = "report.md.jinja"
COLUMNS = (
    *("", "wall, s", "processor, s", "× floor", "× floor, processor", "× full build"),
    *("peak, GiB", "read, GiB", "written, GiB", "file, GiB", "runs"),
)
ON_TERMINAL = ("", "wall, s", "processor, s", "× floor", "peak, GiB", "file, GiB")
SLOWEST = 5
Figure = float | None


def median(values: Iterable[Figure]) -> Figure:
    """The middle value of those that are known; None where none is."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def written(value: Figure, digits: int = 2) -> str:
    """A figure for people, empty where it is unknown."""
    return "" if value is None else f"{value:,.{digits}f}"


def by_step(found: Sequence[Record]) -> dict[str, list[Record]]:
    """Records of each step, in the steps' order; what was the floor of others counts as floor."""
    return {
        name: records_of
        for name in BY_NAME
        if (records_of := [record for record in found if record.step == name])
    }


def in_one_run(
    found: Sequence[Record], ratio: Callable[[Mapping[str, Record]], float], *steps: str
) -> list[float]:
    """A ratio for each run that has measured all these steps."""
    runs: dict[str, dict[str, Record]] = {}
    for record in found:
        runs.setdefault(record.run, {})[record.step] = record
    return [ratio(run) for run in runs.values() if set(steps) <= set(run)]


def times(found: Sequence[Record], step: str, other: str) -> Figure:
    """Wall time of a step as a multiple of another's in the same run."""

    def ratio(run: Mapping[str, Record]) -> float:
        return run[step].measured.seconds / run[other].measured.seconds

    return median(in_one_run(found, ratio, step, other))


def models_times_by_hand(found: Sequence[Record], *, is_net: bool) -> tuple[Figure, Figure]:
    """The models' wall and processor time as multiples of the script's, net of dbt's start-up."""

    def ratio(name: str) -> Figure:
        def of_run(run: Mapping[str, Record]) -> float:
            start_up, models, by_hand = (
                float(getattr(run[step].measured, name))
                for step in ("start_up", "models", "by_hand")
            )
            return (models - start_up * is_net) / by_hand

        return median(in_one_run(found, of_run, "start_up", "models", "by_hand"))

    return ratio("seconds"), ratio("processor_seconds")


def rows(found: Sequence[Record]) -> list[list[str]]:
    """One row per step, under COLUMNS."""
    return [_row(found, name, of_step) for name, of_step in by_step(found).items()]


def _row(found: Sequence[Record], name: str, of_step: Sequence[Record]) -> list[str]:
    measured = [record.measured for record in of_step]
    return [
        BY_NAME[name].label,
        written(median(each.seconds for each in measured), 1),
        written(median(each.processor_seconds for each in measured), 1),
        written(median(record.times_floor for record in of_step)),
        written(median(record.processor_times_floor for record in of_step)),
        written(times(found, name, "full")),
        written(max(each.peak_gib for each in measured)),
        written(median(each.read_gib for each in measured)),
        written(median(each.written_gib for each in measured)),
        written(median(record.size_gib for record in of_step)),
        str(len(of_step)),
    ]


def summary(found: Sequence[Record], title: str) -> Table:
    """The steps of one shop for a terminal."""
    shown = [COLUMNS.index(name) for name in ON_TERMINAL]
    table = Table(*ON_TERMINAL, title=title)
    for row in rows(found):
        table.add_row(*(row[column] for column in shown))
    return table


def growth(
    found: Sequence[Record], figure: Callable[[Record], float], steps: Sequence[str]
) -> dict[str, list[tuple[float, float]]]:
    """Per step its medians by millions of events, for steps that more than one shop has."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for name in steps:
        of_step = [record for record in found if record.step == name]
        for size in sorted({record.million_events for record in of_step}):
            value = median(figure(each) for each in of_step if each.million_events == size)
            if value:
                lines.setdefault(BY_NAME[name].label, []).append((size, value))
    return {label: points for label, points in lines.items() if len(points) > 1}


def growth_charts(found: Sequence[Record]) -> dict[str, str]:
    """SVG of how time, memory and size grow with the shop, by the name of their files."""
    compared = ("floor", "by_hand", "models", "naive", "spark", "full", "daily", "hourly")
    builds = ("full", "daily", "hourly", "backfill", "publish")
    drawn = {
        "wall": ("Wall time", "seconds", compared, lambda each: each.measured.seconds),
        "memory": ("Peak memory", "GiB", builds, lambda each: each.measured.peak_gib),
        "size": (
            "Size of the file",
            "GiB",
            ("floor", "full", "publish"),
            lambda each: each.size_gib,
        ),
    }
    charts = {}
    for name, (title, unit, steps, figure) in drawn.items():
        lines = growth(found, figure, steps)
        if lines:
            charts[name] = line_chart(title, ("million events", unit), lines, is_log=True)
    return charts


def shop_section(found: Sequence[Record]) -> dict[str, object]:
    """What the report says of one shop."""
    details = {name: found_in[-1].details for name, found_in in by_step(found).items()}
    waits = {name: answers for name, answers in details.items() if answers}
    return {
        "million_events": f"{found[0].million_events:g}",
        "rows": rows(found),
        "gross": [written(each) for each in models_times_by_hand(found, is_net=False)],
        "net": [written(each) for each in models_times_by_hand(found, is_net=True)],
        "waits": [waits_section(name, answers) for name, answers in waits.items()],
        "swap": written(max(each.measured.swap_gib for each in found)),
        "load": written(median(each.load_before for each in found), 1),
        "commits": sorted({_code(each) for each in found}),
    }


def waits_section(step: str, answers: Mapping[str, Sequence[float]]) -> dict[str, object]:
    """What the report says of answers: seconds of each time, by what was asked."""
    waits = [(name, statistics.median(seconds), max(seconds)) for name, seconds in answers.items()]
    return {
        "label": BY_NAME[step].label,
        "count": str(len(waits)),
        "median": written(median(middle for _, middle, _ in waits), 3),
        "worst": written(max(longest for _, _, longest in waits), 3),
        "slowest": sorted(waits, key=lambda each: -each[1])[:SLOWEST],
    }


def _code(record: Record) -> str:
    """The commit that was measured, and whether files of it were changed."""
    changed = " with changes" if record.machine["is_changed"] else ""
    return f"{record.machine['commit']}{changed}"


def write_report(work: Path, reports: Path, today: date) -> Path:
    """Write the report and its pictures; return its path."""
    found = records.read(work)
    if not found:
        raise SystemExit(f"nothing was measured in {work}: python -m benchmarks.scale")
    long_runs = long_run_records.read(work)
    charts = growth_charts(found) | long_run_records.charts(long_runs)
    reports.mkdir(parents=True, exist_ok=True)
    for name, svg in charts.items():
        (reports / f"{today}-{name}.svg").write_text(svg, encoding="utf-8")
    sizes = sorted({record.million_events for record in found})
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template(TEMPLATE).render(
        today=today,
        machine=found[-1].machine,
        columns=COLUMNS,
        shops=[
            shop_section([record for record in found if record.million_events == size])
            for size in sizes
        ],
        charts=list(charts),
        long_runs=[long_run_records.section(run) for run in long_runs],
    )
    file = reports / f"{today}.md"
    file.write_text(text, encoding="utf-8")
    return file


def main(
    work: Annotated[Path, typer.Option(help="Where results are.")] = Path("data/bench"),
    reports: Annotated[Path, typer.Option(help="Where reports go.")] = Path("benchmarks/reports"),
) -> None:
    """Write the report of today."""
    Console().print(f"written: {write_report(work, reports, date.today())}")


if __name__ == "__main__":
    typer.run(main)
