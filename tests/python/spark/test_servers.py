"""Every way to reach Spark builds what DuckDB builds, also where a machine is lost meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shoptrack.demo import simulate
from shoptrack.hash_key import hash_key
from tests.python.conftest import NewWarehouse
from tests.python.spark.servers import Cluster, sql_server, standalone_cluster
from tests.python.spark.spark_warehouse import ServedProject, SparkWarehouse, why_not_here
from tests.python.spark.test_parity import late_loads, on_duckdb
from tests.python.warehouse import BuildError, Project, temporary_folder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_not_here()), reason=why_not_here()),
]
SERVERS = ("spark_thrift", "spark_connect")


@contextmanager
def on_cluster(project: Project) -> Iterator[tuple[SparkWarehouse, Cluster]]:
    """An empty warehouse that a master and two workers build."""
    with temporary_folder("cluster-") as folder, standalone_cluster(folder / "logs") as cluster:
        settings = {"SHOPTRACK_SPARK_MASTER": cluster.url, "SHOPTRACK_SPARK_MEMORY": "2g"}
        yield (
            SparkWarehouse(project, ServedProject("spark_cluster", folder, settings=settings)),
            cluster,
        )


@contextmanager
def in_session(project: Project) -> Iterator[SparkWarehouse]:
    """An empty warehouse that a Spark in dbt's own process builds."""
    with temporary_folder("session-") as folder:
        yield SparkWarehouse(project, ServedProject("spark", folder))


@contextmanager
def on_server(project: Project, target: str) -> Iterator[SparkWarehouse]:
    """An empty warehouse that a Thrift or Connect server builds."""
    with temporary_folder("server-") as folder, sql_server(target, folder) as settings:
        yield SparkWarehouse(project, ServedProject(target, folder, settings=settings))


def build_and_compare(spark: SparkWarehouse, new_warehouse: NewWarehouse, shop: Path) -> None:
    """Build a shop with all tests, then with a late load; both times it is DuckDB's."""
    simulate(shop, days=12, visitors=150, seed=5)
    first, late = late_loads(shop, 2, seed=1)
    for load, command in ((first, ("build",)), (late, ("run",))):
        spark.take(shop, load)
        spark.spark.run(*command)
        with new_warehouse() as duckdb:
            assert spark.difference(on_duckdb(duckdb, spark)) == ""


def test_a_session_builds_and_tests_what_duckdb_does(
    parsed_project: Project, new_warehouse: NewWarehouse, tmp_path: Path
) -> None:
    with in_session(parsed_project) as spark:
        build_and_compare(spark, new_warehouse, tmp_path)


@pytest.mark.parametrize("target", SERVERS)
def test_a_server_builds_and_tests_what_duckdb_does(
    target: str, parsed_project: Project, new_warehouse: NewWarehouse, tmp_path: Path
) -> None:
    with on_server(parsed_project, target) as spark:
        build_and_compare(spark, new_warehouse, tmp_path)


@pytest.mark.parametrize("target", SERVERS)
def test_a_server_that_remembers_files_is_refused(target: str) -> None:
    with (
        temporary_folder("server-") as folder,
        sql_server(target, folder, with_needed=False) as settings,
        pytest.raises(BuildError, match="start it with --conf"),
    ):
        ServedProject(target, folder, settings=settings).run("seed")


def test_a_cluster_builds_and_tests_what_duckdb_does(
    parsed_project: Project, new_warehouse: NewWarehouse, tmp_path: Path
) -> None:
    with on_cluster(parsed_project) as (spark, _):
        build_and_compare(spark, new_warehouse, tmp_path)


def test_the_key_of_pseudonyms_is_on_no_command_line(parsed_project: Project) -> None:
    with on_cluster(parsed_project) as (spark, _):
        assert isinstance(spark.spark, ServedProject)
        lines = spark.spark.command_lines("seed", "--select", "funnels")
    assert any("SparkSubmit" in line for line in lines)
    assert not [line for line in lines if hash_key() in line]


def test_a_worker_that_is_killed_in_the_middle_changes_no_row(
    parsed_project: Project, new_warehouse: NewWarehouse, tmp_path: Path
) -> None:
    simulate(tmp_path, days=12, visitors=150, seed=5)
    first, late = late_loads(tmp_path, 2, seed=1)
    with on_cluster(parsed_project) as (spark, cluster):
        spark.take(tmp_path, first)
        spark.build()
        spark.take(tmp_path, late)
        killer = threading.Timer(60, cluster.kill_worker)
        killer.start()
        spark.build()
        assert len(cluster.workers) == 1, "the build was over before the worker was killed"
        killer.join()
        with new_warehouse() as duckdb:
            assert spark.difference(on_duckdb(duckdb, spark)) == ""
