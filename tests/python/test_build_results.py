"""What builds note in the warehouse about their nodes, and that publishing goes by it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from shoptrack.contract import PROJECT_ROOT
from shoptrack.publishing import PublishError, publish

MACROS = (
    "bookkeeping/books.sql",
    "bookkeeping/note_build.sql",
    "engine/changed_rows.sql",
    "engine/generate_schema_name.sql",
    "incremental/changes.sql",
    "incremental/definition_hash.sql",
    "incremental/new_event_files.sql",
    "incremental/query_column.sql",
    "incremental/rows_to_test.sql",
)
PROJECT = """
name: shoptrack
version: "0.1.0"
config-version: 2
profile: shoptrack
flags: {send_anonymous_usage_stats: false, log_level_file: none}
on-run-start: "{{ note_build_start() }}"
on-run-end: "{{ note_build_end(results) }}"
models: {shoptrack: {+schema: marts}}
"""
TESTS = """
models:
  - name: fct_orders
    columns: [{name: order_id, data_tests: [not_null]}]
  - name: rpt_sales_daily
    columns:
      - name: net_sales
        data_tests: [{not_null: {config: {severity: warn}}}]
"""
ORDERS = "select {} as order_id, date '2025-01-01' as order_date"
SALES = """
select order_date as report_date, 'EUR' as currency, {} as net_sales
from {{{{ ref('fct_orders') }}}}
"""
SLOW = """
select sum(a.n * b.n) as order_id, current_date as order_date
from range(10000000) as a(n), range(10000000) as b(n)
"""
GOOD = {
    "fct_orders": "success",
    "not_null_fct_orders_order_id": "pass",
    "not_null_rpt_sales_daily_net_sales": "pass",
    "rpt_sales_daily": "success",
}


class SmallProject:
    """Two marts, one made from the other, with this project's macros that note results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warehouse = folder / "warehouse.duckdb"
        self.copy = folder / "published.duckdb"
        shutil.copy(PROJECT_ROOT / "profiles.yml", folder)
        (folder / "macros").mkdir()
        for macro in MACROS:
            shutil.copy(PROJECT_ROOT / "macros" / macro, folder / "macros")
        (folder / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
        self.write("schema.yml", TESTS)
        self.write("fct_orders.sql", ORDERS.format(1))
        self.write("rpt_sales_daily.sql", SALES.format(1))

    def write(self, name: str, text: str) -> None:
        """Write a file of models/."""
        file = self.folder / "models" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def paths(self) -> list[str]:
        """dbt's options that keep all it writes in the folder."""
        return ["--project-dir", str(self.folder), "--profiles-dir", str(self.folder)]

    def dbt(self, *arguments: str) -> bool:
        """Run dbt; whether it went well."""
        result = dbtRunner().invoke(["--log-level", "none", *arguments, *self.paths()])
        DuckDBConnectionManager.close_all_connections()
        return bool(result.success)

    def kill_build(self, model: str) -> None:
        """Start a build and kill it when it has begun with a model."""
        command = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", "build"]
        with subprocess.Popen(
            [*command, *self.paths()], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert any("START" in line and model in line for line in process.stdout)
            process.kill()
        assert process.returncode == -signal.SIGKILL

    def notes(self) -> dict[str, str]:
        """Status by name of the node."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            rows = connection.execute("select node_id, status from bookkeeping.build_results")
            return {node_id.split(".")[2]: status for node_id, status in rows.fetchall()}

    def refusal(self) -> str:
        """Why the warehouse is not published."""
        with pytest.raises(PublishError) as caught:
            publish(self.warehouse, self.copy)
        return str(caught.value)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProject:
    """The small project after a good build that was published."""
    monkeypatch.setenv("SHOPTRACK_LANDING", str(tmp_path / "landing"))
    monkeypatch.setenv("SHOPTRACK_WAREHOUSE", str(tmp_path / "warehouse.duckdb"))
    project = SmallProject(tmp_path)
    assert project.dbt("build")
    assert project.notes() == GOOD
    assert publish(project.warehouse, project.copy).row_counts.keys() == {
        *("fct_orders", "rpt_sales_daily"),
    }
    return project


def test_a_failed_data_test_and_what_it_skips_are_named_until_a_good_build(
    project: SmallProject,
) -> None:
    project.write("fct_orders.sql", ORDERS.format("null"))
    assert not project.dbt("build")
    inode = project.copy.stat().st_ino
    said = project.refusal()
    assert "not_null_fct_orders_order_id (fail)" in said
    assert "rpt_sales_daily (skipped)" in said
    assert project.copy.stat().st_ino == inode

    project.write("fct_orders.sql", ORDERS.format(2))
    assert project.dbt("run")
    assert "not_null_fct_orders_order_id (fail)" in project.refusal()
    assert project.dbt("build")
    assert project.notes() == GOOD
    publish(project.warehouse, project.copy)
    assert project.copy.stat().st_ino != inode


def test_a_model_error_is_named_until_that_model_is_built(project: SmallProject) -> None:
    project.write("rpt_sales_daily.sql", SALES.format("no_such_column"))
    assert not project.dbt("run", "--select", "rpt_sales_daily")
    assert project.notes() == GOOD | {"rpt_sales_daily": "error"}
    assert "rpt_sales_daily (error)" in project.refusal()
    assert project.dbt("test")
    assert "rpt_sales_daily (error)" in project.refusal()
    project.write("rpt_sales_daily.sql", SALES.format(2))
    assert project.dbt("run", "--select", "rpt_sales_daily")
    publish(project.warehouse, project.copy)


def test_tests_alone_note_tests_alone_and_a_warning_is_no_failure(project: SmallProject) -> None:
    project.write("rpt_sales_daily.sql", SALES.format("cast(null as integer)"))
    assert project.dbt("run", "--select", "rpt_sales_daily")
    assert project.notes() == GOOD
    assert project.dbt("test")
    assert project.notes() == GOOD | {"not_null_rpt_sales_daily_net_sales": "warn"}
    publish(project.warehouse, project.copy)


def test_a_killed_build_is_unfinished_until_the_next_one(project: SmallProject) -> None:
    project.write("fct_orders.sql", SLOW)
    project.kill_build("fct_orders")
    assert set(project.notes().values()) == {"unfinished"}
    assert "fct_orders (unfinished)" in project.refusal()
    project.write("fct_orders.sql", ORDERS.format(3))
    assert project.dbt("build")
    publish(project.warehouse, project.copy)


def test_nodes_that_left_the_project_leave_the_notes(project: SmallProject) -> None:
    project.write("rpt_sales_daily.sql", SALES.format("no_such_column"))
    assert not project.dbt("build")
    (project.folder / "models" / "rpt_sales_daily.sql").unlink()
    project.write("schema.yml", TESTS.split("  - name: rpt_sales_daily", maxsplit=1)[0])
    assert project.dbt("run", "--select", "fct_orders")
    assert project.notes().keys() == {"fct_orders", "not_null_fct_orders_order_id"}
    publish(project.warehouse, project.copy)


def test_commands_that_build_nothing_note_nothing(project: SmallProject) -> None:
    assert project.dbt("compile")
    assert project.dbt("run", "--select", "tag:of_no_model")
    assert project.notes() == GOOD
