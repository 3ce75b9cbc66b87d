"""What the benchmarks compare is the same, and their figures are worked out rightly."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pyarrow.parquet as pq
import pytest

from benchmarks import records
from benchmarks.charts import line_chart
from benchmarks.engines import Build, SparkWork, report, spark_work
from benchmarks.measuring import MeasuredCommandError, Measurement, measure
from benchmarks.peers import run_sql
from benchmarks.records import Record
from benchmarks.report import models_times_by_hand, times, write_report
from benchmarks.shops import NothingLeftToLandError, Shop
from benchmarks.steps import BY_NAME, SPARK_PYTHON
from shoptrack.contract import PROJECT_ROOT
from shoptrack.demo import simulate
from tests.python.conftest import NewWarehouse
from tests.python.warehouse import BOOKKEEPING, Warehouse

BY_HAND = {
    "intermediate.int_events_sessionized": "events_sessionized",
    "intermediate.int_sessions_summarized": "sessions_summarized",
}
DAYS, VISITORS = 10, 800


@pytest.fixture(scope="module")
def sessionized(new_warehouse: NewWarehouse) -> Iterator[Warehouse]:
    """A small simulated shop with its session tables as the models make them."""
    with new_warehouse() as warehouse:
        simulate(warehouse.zone, days=DAYS, visitors=VISITORS)
        warehouse.build(["+int_sessions_summarized"])
        yield warehouse


@pytest.fixture(scope="module")
def by_hand(sessionized: Warehouse) -> Path:
    """The same tables as the script makes them."""
    database = sessionized.folder / "by_hand.duckdb"
    events = f"{sessionized.zone}/web/events/*.parquet".replace("[", "[[]")
    run_sql.run("sessions.sql", database, events)
    return database


@pytest.mark.parametrize("model", BY_HAND)
def test_the_script_by_hand_makes_the_models_rows(
    sessionized: Warehouse, by_hand: Path, model: str
) -> None:
    columns = ", ".join(name for name in sessionized.columns(model) if name not in BOOKKEEPING)
    with duckdb.connect() as connection:
        attach(connection, models=sessionized.file, script=by_hand)
        ours = f"select {columns} from models.{model}"
        theirs = f"select {columns} from script.{BY_HAND[model]}"
        differing = f"({ours} except all {theirs}) union all ({theirs} except all {ours})"
        assert connection.execute(differing).fetchall() == []
        (found,) = connection.execute(f"select count(*) from ({ours})").fetchall()
    assert found[0] > VISITORS


def attach(connection: duckdb.DuckDBPyConnection, **files: Path) -> None:
    for name, file in files.items():
        path = str(file).replace("'", "''")
        connection.execute(f"attach '{path}' as {name} (read_only)")


def test_the_compared_shop_has_copies_late_rows_refusals_and_robots(sessionized: Warehouse) -> None:
    (counts,) = sessionized.query(
        "select count(*),"
        " count(*) filter (_loaded_at > event_at + interval 3 day),"
        " count(*) filter (visitor_id like 'withheld-%'),"
        " (select count(*) from intermediate.int_sessions_summarized where is_bot)"
        " from intermediate.int_events_sessionized"
    )
    files = sessionized.zone.glob("web/events/*.parquet")
    assert counts[0] < sum(pq.ParquetFile(file).metadata.num_rows for file in files)
    assert all(counts)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    zone = tmp_path_factory.mktemp("shop") / "landing"
    simulate(zone, days=4, visitors=200)
    return zone


def rows_landed(shop: Shop) -> int:
    query = f"select count(*) from read_parquet('{shop.events}', union_by_name = true)"
    (found,) = duckdb.execute(query).fetchall()
    return int(found[0])


def test_days_arrive_one_by_one_but_the_newest(simulated: Path, tmp_path: Path) -> None:
    shop = Shop(1, simulated, tmp_path)
    shop.begin_anew(held_back=3)
    landed = [rows_landed(shop)]
    for _ in range(2):
        shop.land_day()
        landed.append(rows_landed(shop))
    assert landed == sorted(set(landed))
    with pytest.raises(NothingLeftToLandError, match="measure full first"):
        shop.land_day()


def test_all_hours_together_are_the_newest_load(simulated: Path, tmp_path: Path) -> None:
    shop = Shop(1, simulated, tmp_path)
    shop.begin_anew(held_back=1)
    before = rows_landed(shop)
    shop.land_hour()
    part = rows_landed(shop) - before
    for _ in range(23):
        shop.land_hour()
    with pytest.raises(NothingLeftToLandError):
        shop.land_hour()
    (newest,) = [file for file in shop.loads[-1] if file.parts[1] == "events"]
    query = f"select count(*) from read_parquet('{simulated / newest}')"
    (whole,) = duckdb.execute(query).fetchall()
    assert rows_landed(shop) - before == whole[0]
    assert part < whole[0] / 4


def test_a_measured_process_is_counted_with_those_it_starts(tmp_path: Path) -> None:
    file = tmp_path / "written"
    started = f"open({str(file)!r}, 'wb').write(bytes(50 << 20))"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {started!r}])"
    found = measure([sys.executable, "-c", program], {})
    assert found.written_gib == pytest.approx(50 / 1024, rel=0.1)
    assert found.peak_gib > 50 / 1024
    assert found.swap_gib == 0
    assert found.processor_seconds > 0
    assert found.seconds > 0


def test_a_process_that_is_left_to_itself_counts_too(tmp_path: Path) -> None:
    worked = tmp_path / "worked"
    busy = f"""
import pathlib, time
while time.process_time() < 1.5: pass
pathlib.Path({str(worked)!r}).touch()
time.sleep(3)  # until nobody can await it any more
"""
    program = f"""
import os, pathlib, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {busy!r}])
while not pathlib.Path({str(worked)!r}).exists(): time.sleep(0.1)
time.sleep(0.5)
os._exit(0)
"""
    assert measure([sys.executable, "-c", program], {}).processor_seconds > 1.4


def test_a_command_that_fails_is_told_with_its_last_words() -> None:
    with pytest.raises(MeasuredCommandError, match="no such shop"):
        measure([sys.executable, "-c", "raise SystemExit('no such shop')"], {})


def measured(seconds: float) -> Measurement:
    return Measurement(seconds, seconds / 2, 1, 0, 1, 1)


def record(step: str, run: str, seconds: float, **more: Any) -> Record:
    machine: dict[str, Any] = {
        "commit": "abc",
        "is_changed": True,
        "cores": 2,
        "processor": "p",
        "memory_gib": 8,
        "system": "s",
    }
    machine |= {"python": "3", "duckdb": "2", "dbt-core": "1", "dbt-duckdb": "1"}
    given: dict[str, Any] = {
        "million_events": 1,
        "size_gib": 1,
        "load_before": 0,
        "machine": machine,
    } | more
    return Record(step=step, run=run, measured=measured(seconds), **given)


def test_a_ratio_to_the_floor_takes_the_floors_beside_it() -> None:
    found = record("full", "a", 30, floors=(measured(2), measured(4)))
    assert found.times_floor == 10
    assert record("full", "a", 30).times_floor is None


def test_ratios_pair_what_one_run_measured() -> None:
    found = [record("full", "a", 10), record("daily", "a", 5)]
    found += [record("full", "b", 100), record("daily", "b", 10), record("daily", "c", 1)]
    assert times(found, "daily", "full") == pytest.approx((0.5 + 0.1) / 2)
    assert times(found, "publish", "full") is None


def test_start_up_is_taken_off_the_models_and_not_off_the_script() -> None:
    found = [record("start_up", "a", 5), record("models", "a", 25), record("by_hand", "a", 10)]
    assert models_times_by_hand(found, is_net=True) == (2, 2)
    assert models_times_by_hand(found, is_net=False) == (2.5, 2.5)


def test_a_report_shows_what_was_written_by_several_runs(tmp_path: Path) -> None:
    for size in (1, 10):
        folder = tmp_path / f"{size}-million"
        folder.mkdir()
        for run in ("a", "b"):
            for step in BY_NAME:
                waits = {"q": [0.5, 0.9, 0.4]}
                made = record(step, run, 7.0 * size, million_events=size, details=waits)
                records.write(folder / records.FILE_NAME, made)
    report = write_report(tmp_path, tmp_path / "reports", date(2026, 1, 2))
    text = report.read_text(encoding="utf-8")
    assert "## 10 million events" in text
    assert "| q | 0.500 | 0.900 |" in text
    assert all(f"| {step.label} |" in text for step in BY_NAME.values())
    pictures = sorted(file.name for file in report.parent.glob("*.svg"))
    assert pictures == ["2026-01-02-memory.svg", "2026-01-02-size.svg", "2026-01-02-wall.svg"]
    assert all(picture in text for picture in pictures)


def test_a_chart_is_well_formed_and_names_every_line() -> None:
    lines = {"a < b": [(1.0, 5.0), (10.0, 40.0), (100.0, 900.0)], "c": [(1.0, 2.0), (10.0, 3.0)]}
    for is_log in (True, False):
        drawn = ElementTree.fromstring(line_chart("T", ("x", "y"), lines, is_log=is_log))
        texts = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
        assert {"T", "x", "y", "a < b", "c"} <= set(texts)
        circles = list(drawn.iter("{http://www.w3.org/2000/svg}circle"))
        assert len(circles) == 5


@pytest.mark.skipif(SPARK_PYTHON not in os.environ, reason=f"{SPARK_PYTHON} names no Python")
def test_spark_cuts_the_models_sessions(sessionized: Warehouse) -> None:
    folder = sessionized.folder.parent / f"spark-{os.getpid()}"
    script = PROJECT_ROOT / "benchmarks" / "peers" / "spark_sessions.py"
    taken = shutil.copytree(sessionized.zone / "web" / "events", folder / "events")
    python = os.environ[SPARK_PYTHON]
    try:
        subprocess.run([python, script, f"{taken}/*.parquet", folder / "tables"], check=True)
        found = duckdb.execute(
            "select session_start_at::timestamp, event_count, page_view_count, landing_page,"
            f" engagement_ms from '{folder}/tables/sessions_summarized/*.parquet'"
        ).fetchall()
    finally:
        shutil.rmtree(folder)
    expected = sessionized.query(
        "select session_start_at, event_count, page_view_count, landing_page, engagement_ms"
        " from intermediate.int_sessions_summarized"
    )
    assert Counter(found) == Counter(expected)


def test_what_spark_did_is_summed_by_stage(tmp_path: Path) -> None:
    def task(stage: int, written: int, spilled: int, heap: int) -> str:
        shuffle = f'"Shuffle Write Metrics": {{"Shuffle Bytes Written": {written}}}'
        metrics = f'{{{shuffle}, "Disk Bytes Spilled": {spilled}}}'
        peaks = f'{{"JVMHeapMemory": {heap}}}'
        return (
            f'{{"Stage ID": {stage}, "Task Metrics": {metrics}, "Task Executor Metrics": {peaks}}}'
        )

    lines = ['{"Event": "begins"}', task(1, 10, 0, 7), task(1, 20, 5, 9), task(2, 25, 1, 8)]
    (tmp_path / "local-1").write_text("\n".join(lines))
    assert spark_work(tmp_path) == SparkWork(shuffled=55, largest_shuffle=30, spilled=6, heap=9)


def test_engines_are_compared_by_shop() -> None:
    builds = [
        Build(1, engine, Measurement(seconds, 2 * seconds, 1, 0, 0, 0), 100_000_000, None)
        for engine, seconds in (("duckdb", 20.0), ("spark", 90.0))
    ]
    text = report(builds, date(2025, 1, 1))
    assert "| 1 | duckdb | 20 | 40 | 25,000 | 1.00 | 100 |" in text
    assert "Spark takes 4.5 times DuckDB's wall time and 4.5 times" in text
