"""What keeps a build from beginning is told in words: a file that another holds, no memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from shoptrack.contract import PROJECT_ROOT, tables
from shoptrack.dbt_plugin import Plugin
from shoptrack.memory import DEFAULT
from tests.python.processes import held

PROJECT = """
name: shoptrack
version: "0.1.0"
config-version: 2
profile: shoptrack
flags: {send_anonymous_usage_stats: false, log_level_file: none}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one model with the profile of this one."""
    shutil.copy(PROJECT_ROOT / "profiles.yml", tmp_path)
    (tmp_path / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "one.sql").write_text("select 1 as number", encoding="utf-8")
    return tmp_path


def settings(project: Path) -> dict[str, str]:
    """Environment in which everything is written below the project's folder."""
    return os.environ | {
        "SHOPTRACK_LANDING": str(project / "zone"),
        "SHOPTRACK_WAREHOUSE": str(project / "made" / "by" / "dbt" / "warehouse.duckdb"),
        "DBT_PROFILES_DIR": str(project),
        "DBT_PROJECT_DIR": str(project),
        "NO_COLOR": "1",
    }


def run(project: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the environment in the project's folder."""
    command = [str(Path(sys.executable).parent / program), *arguments]
    environment = settings(project)
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("memory", ["lots", "6", "120%"])
def test_a_memory_that_is_none_is_told_before_anything_is_made(
    project: Path, memory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPTRACK_MEMORY", memory)
    done = run(project, "dbt", "build")
    assert done.returncode != 0
    assert f"SHOPTRACK_MEMORY is '{memory}': " in done.stdout
    assert "Give an amount (6GB) or a share (40%)" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert not Path(settings(project)["SHOPTRACK_WAREHOUSE"]).exists()


def test_a_memory_that_is_set_to_nothing_is_the_default(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPTRACK_MEMORY", "")
    asked = "select current_setting('memory_limit')"
    model = f"{{{{ config(materialized='table') }}}} {asked} as memory"
    (project / "models" / "one.sql").write_text(model, encoding="utf-8")
    assert run(project, "dbt", "build").returncode == 0
    with duckdb.connect(settings(project)["SHOPTRACK_WAREHOUSE"]) as warehouse:
        built_with = warehouse.execute("select memory from one").fetchall()
    with duckdb.connect(config={"memory_limit": DEFAULT}) as connection:
        assert built_with == connection.execute(asked).fetchall()


def test_a_second_build_is_told_which_process_holds_the_warehouse(project: Path) -> None:
    warehouse = Path(settings(project)["SHOPTRACK_WAREHOUSE"])
    first = run(project, "dbt", "build")
    assert first.returncode == 0, first.stdout
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.execute("select number from main.one").fetchall() == [(1,)]
    zone = project / "zone"
    files = {file.parent.relative_to(zone).as_posix() for file in zone.rglob("0_contract.parquet")}
    assert files == {name.replace(".", "/") for name in tables()}

    with held(warehouse) as process_id:
        second = run(project, "dbt", "build")
        status = run(project, "shoptrack", "status")
    for result in (second, status):
        said = result.stdout + result.stderr
        assert result.returncode != 0
        assert said.count(f"{warehouse} is in use by process {process_id}") == 1
        assert "another build is running" in said
        assert "Wait until it ends" in said
        assert "Traceback" not in said
        assert "IO Error" not in said

    third = run(project, "dbt", "build")
    assert third.returncode == 0, third.stdout


def test_a_file_that_is_no_warehouse_is_named(project: Path) -> None:
    warehouse = Path(settings(project)["SHOPTRACK_WAREHOUSE"])
    warehouse.parent.mkdir(parents=True)
    warehouse.write_bytes(b"not a database" * 1000)
    result = run(project, "dbt", "build")
    assert result.returncode != 0
    assert f"the warehouse {warehouse} cannot be opened" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


def test_opening_first_gives_the_same_database_to_dbt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPTRACK_LANDING", str(tmp_path / "zone"))

    class Credentials:
        path = str(tmp_path / "warehouse.duckdb")

    plugin = Plugin(name="dbt_plugin", plugin_config={}, credentials=Credentials())
    plugin.update_connection_config(Credentials(), {})
    with duckdb.connect(Credentials.path, config={}) as connection:
        plugin.configure_connection(connection)
        connection.execute("create table written as select 1 as number")
        assert connection.execute("select * from written").fetchall() == [(1,)]
    with duckdb.connect(Credentials.path, read_only=True) as connection:
        assert connection.execute("select * from written").fetchall() == [(1,)]
