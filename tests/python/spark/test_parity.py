"""Spark's tables are DuckDB's, row for row, after full builds and after loads that came late."""

from __future__ import annotations

import os
import random
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from shoptrack.demo import simulate
from tests.python.conftest import NewWarehouse
from tests.python.shops import Shop, draw_loads, shops
from tests.python.spark.conftest import NewSparkWarehouse
from tests.python.warehouse import Warehouse

some = settings(
    max_examples=int(os.environ.get("SHOPTRACK_EXAMPLES", "1")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def late_loads(zone: Path, count: int, seed: int) -> list[list[Path]]:
    """Landed files of a zone in so many loads, by their days; a third of them comes later."""
    chance = random.Random(seed)
    files = sorted(p.relative_to(zone) for p in zone.rglob("*.parquet") if p.name[0] != "0")
    loads: list[list[Path]] = [[] for _ in range(count)]
    for file in files:
        days = [f for f in files if f.parent == file.parent]
        turn = days.index(file) * count // len(days) + chance.choice([0, 0, 1, 2])
        loads[min(turn, count - 1)].append(file)
    return loads


def on_duckdb(warehouse: Warehouse, spark: Warehouse) -> Warehouse:
    """The same files, built in full on DuckDB."""
    warehouse.take(spark.zone, spark.landed())
    warehouse.build(full_refresh=True)
    return warehouse


def is_continued(spark: Warehouse) -> bool:
    """Whether the events were changed, and nothing that is redone by keys was left half-written."""
    states = spark.query(
        "select model_name, rebuilt_number, change_number, definition_hash from bookkeeping.states"
    )
    events = [state[1:3] for state in states if state[0] == "int_events_sessionized"]
    return events == [(1, 2)] and not any("being written" in state[3] for state in states)


def test_full_and_incremental_builds_give_what_duckdb_gives(
    new_spark_warehouse: NewSparkWarehouse, new_warehouse: NewWarehouse, tmp_path: Path
) -> None:
    simulate(tmp_path, days=12, visitors=150, seed=5)
    first, second = late_loads(tmp_path, 2, seed=1)
    with new_spark_warehouse() as spark:
        for load in (first, second):
            spark.take(tmp_path, load)
            spark.build()
            with new_warehouse() as duckdb:
                assert spark.difference(on_duckdb(duckdb, spark)) == ""
        assert is_continued(spark)


@pytest.mark.slow
def test_ten_loads_with_late_files_give_what_duckdb_gives(
    new_spark_warehouse: NewSparkWarehouse, new_warehouse: NewWarehouse, tmp_path: Path
) -> None:
    simulate(tmp_path, days=40, visitors=600, seed=11)
    with new_spark_warehouse() as spark, new_warehouse() as duckdb:
        for load in late_loads(tmp_path, 10, seed=2):
            spark.take(tmp_path, load)
            spark.build()
        assert spark.difference(on_duckdb(duckdb, spark)) == ""


@some
@given(shop=shops())
def test_any_split_of_events_into_loads_gives_what_one_full_refresh_gives(
    new_spark_warehouse: NewSparkWarehouse, new_warehouse: NewWarehouse, shop: Shop
) -> None:
    variables = {"session_timeout_seconds": shop.timeout}
    with new_spark_warehouse("events") as spark, new_warehouse("events") as duckdb:
        for load in draw_loads(shop)[:4]:
            spark.land_files(load)
            spark.build_state(variables=variables)
        duckdb.take(spark.zone, spark.landed())
        duckdb.build_state(full_refresh=True, variables=variables)
        assert spark.difference(duckdb, duckdb.state()) == ""


def test_a_difference_names_the_table_the_key_and_the_column(
    new_spark_warehouse: NewSparkWarehouse, new_warehouse: NewWarehouse
) -> None:
    with new_spark_warehouse("events") as spark, new_warehouse("events") as duckdb:
        rows = {"visitor_id": "v", "event_name": "page_view", "event_at": "2025-02-01 10:00:00"}
        for warehouse, page in ((spark, "/a"), (duckdb, "/b")):
            event = {**rows, "event_id": "e1", "page_url": f"https://shop.example{page}"}
            warehouse.land("web.events", [event], "1.csv", datetime(2025, 2, 2))
            warehouse.build_state()
        said = spark.difference(duckdb, ["intermediate.int_events_sessionized"])
    assert "intermediate.int_events_sessionized: 1 rows only here" in said
    assert "event_id=e1" in said
    assert "page_path=/a" in said


def test_a_rejected_row_has_the_same_text_whatever_the_fraction_of_its_load(
    new_spark_warehouse: NewSparkWarehouse, new_warehouse: NewWarehouse
) -> None:
    with new_spark_warehouse("events") as spark, new_warehouse("events") as duckdb:
        for warehouse in (spark, duckdb):
            for number, fraction in enumerate((0, 400_000, 407_080, 407_081)):
                event = {"event_id": f"e{number}", "visitor_id": "v", "event_name": "page_view"}
                loaded_at = datetime(2025, 2, 2, 3, 4, 5, fraction)
                rows = [{**event, "event_at": "never", "it`s": "unknown"}]
                warehouse.land("web.events", rows, f"{number}.csv", loaded_at)
            warehouse.build_state()
        assert len(duckdb.query("select * from intermediate.int_events_rejected")) == 4
        assert spark.difference(duckdb, ["intermediate.int_events_rejected"]) == ""


def test_a_thousand_files_are_read(
    new_spark_warehouse: NewSparkWarehouse, new_warehouse: NewWarehouse
) -> None:
    with new_spark_warehouse("events") as spark, new_warehouse("events") as duckdb:
        for first, last in ((0, 1), (1, 1_000)):
            for warehouse in (spark, duckdb):
                for number in range(first, last):
                    event = {"event_id": f"e{number}", "visitor_id": "v", "event_name": "page_view"}
                    rows = [{**event, "event_at": "2025-02-01 10:00:00"}]
                    warehouse.land("web.events", rows, f"{number}.csv", datetime(2025, 2, 2))
                warehouse.build_state()
        assert spark.query("select count(*) from intermediate.int_events_sessionized") == [(1_000,)]
        assert not spark.difference(duckdb)
