"""Builds on Spark that are killed leave nothing that the next one takes for good."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from shoptrack.demo import simulate
from tests.python.conftest import NewWarehouse
from tests.python.spark.spark_warehouse import ServedProject, SparkWarehouse, why_not_here
from tests.python.spark.test_parity import late_loads
from tests.python.warehouse import BuildError, Project, temporary_folder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_not_here()), reason=why_not_here()),
]
# While these are written: the events, what is made of them, the books.
KILLED_AT = (
    "intermediate.int_events_sessionized",
    "intermediate.int_sessions_summarized",
    "bookkeeping.states",
)


def test_builds_that_were_killed_end_as_if_they_had_not_been(
    parsed_project: Project, new_warehouse: NewWarehouse, tmp_path: Path
) -> None:
    simulate(tmp_path, days=6, visitors=80, seed=5)
    with temporary_folder("killed-") as folder, new_warehouse("events") as duckdb:
        project = ServedProject("spark", folder)
        spark = SparkWarehouse(parsed_project, project, "events")
        models = parsed_project.state_order("events")
        for load in late_loads(tmp_path, 2, seed=1):
            spark.take(tmp_path, load)
            for table in KILLED_AT:
                project.kill("run", "--select", *models, table=table)
            spark.build_state()
        duckdb.take(spark.zone, spark.landed())
        duckdb.build_state(full_refresh=True)
        assert spark.difference(duckdb, duckdb.state()) == ""


def test_tables_of_another_catalogue_are_left_alone() -> None:
    with temporary_folder("another one-") as folder:
        project = ServedProject("spark", folder)
        project.run("seed", "--select", "funnels")
        shutil.rmtree(folder / "metastore_db")
        with pytest.raises(BuildError, match="tables that Spark's catalogue does not know"):
            project.run("seed", "--select", "funnels")
        assert list((folder / "tables" / "seeds.db" / "funnels").glob("*.parquet"))
