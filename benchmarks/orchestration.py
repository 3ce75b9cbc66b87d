"""What Dagster costs on top of the dbt build it runs.

    python -m benchmarks.orchestration [--pairs 5]

builds a demo shop in data/bench/orchestration, then runs, in turn and each as a process of its own:

- dbt: `dbt build` without unit tests, as the refresh runs it;
- refresh: the job `refresh`, which lands what waits in the inbox, runs this build, evaluates the
  checks and publishes the copy. Its run is timed from its start to its end; what comes before
  (Python, Dagster and the definitions are loaded) is start-up, reported by itself.

No new data arrives between them, so both do the least work there is: the ratio is at its worst.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import dagster as dg
import typer
from rich.console import Console
from rich.table import Table

FOLDER = Path("data/bench/orchestration").absolute()
BIN = Path(sys.executable).parent
BUILD = [str(BIN / "dbt"), "--quiet", "build", "--exclude-resource-type", "unit_test"]
REFRESH = [*(sys.executable, "-m", "dagster", "job", "execute"), "-j", "refresh"]
REFRESH += ["-m", "orchestration.definitions"]
SETTINGS = {
    "DAGSTER_HOME": str(FOLDER / "dagster"),
    "SHOPTRACK_INBOX": str(FOLDER / "inbox"),
    "SHOPTRACK_LANDING": str(FOLDER / "landing"),
    "SHOPTRACK_PUBLISHED": str(FOLDER / "published.duckdb"),
    "SHOPTRACK_WAREHOUSE": str(FOLDER / "warehouse.duckdb"),
}


def wall_seconds(command: list[str]) -> float:
    """Run a command to its end and return its wall time; raises where it fails."""
    start = time.perf_counter()
    subprocess.run(command, env=os.environ | SETTINGS, check=True, capture_output=True)
    return time.perf_counter() - start


def refresh_seconds() -> tuple[float, float]:
    """Run the job refresh; return the seconds of its run, and of what came before and after it."""
    total = wall_seconds(REFRESH)
    with dg.DagsterInstance.from_config(SETTINGS["DAGSTER_HOME"]) as instance:
        record = instance.get_run_records(limit=1)[0]
    if record.start_time is None or record.end_time is None:
        raise RuntimeError(f"run {record.dagster_run.run_id} did not end")
    run = record.end_time - record.start_time
    return run, total - run


def main(pairs: Annotated[int, typer.Option(help="How often each is run, in turn.")] = 5) -> None:
    """Print medians and the median of the ratios, pair by pair."""
    (FOLDER / "dagster").mkdir(parents=True, exist_ok=True)
    if not (FOLDER / "landing" / "truth.json").exists():
        wall_seconds([str(BIN / "shoptrack"), "demo"])
    wall_seconds(BUILD)
    refresh_seconds()
    measured = [(wall_seconds(BUILD), *refresh_seconds()) for _ in range(pairs)]
    builds, runs, starts = zip(*measured, strict=True)
    table = Table("", "seconds", "× dbt build", title=f"demo shop, median of {pairs} pairs")
    ratio = statistics.median(run / build for build, run, _ in measured)
    table.add_row("dbt build", f"{statistics.median(builds):.1f}", "1.00")
    table.add_row("run of refresh", f"{statistics.median(runs):.1f}", f"{ratio:.2f}")
    table.add_row("its start-up", f"{statistics.median(starts):.1f}", "")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
