"""The asset postgres_copy: there only where a server is named, and a failed load fails it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tests.python.processes import run_python
from tests.python.publishing.copies import TOTALS, small_copy
from tests.python.publishing.server import Server

DESCRIBE = """
import json
from orchestration.definitions import defs

def assets(name):
    keys = defs.resolve_job_def(name).asset_layer.executable_asset_keys
    return [key.to_user_string() for key in keys]

specs = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
found = specs.get("postgres_copy")
jobs = [job.name for job in defs.get_repository_def().get_all_jobs() if job.name != "__ASSET_JOB"]
print(json.dumps({
    "group": found and found.group_name,
    "deps": found and [dep.asset_key.to_user_string() for dep in found.deps],
    "publishing": sorted(job for job in jobs if "published_copy" in assets(job)),
    "loading": sorted(job for job in jobs if "postgres_copy" in assets(job)),
}))
"""
MATERIALIZE = """
import json, os, sys
import dagster as dg
from orchestration.defs.publishing.assets import postgres_copy
instance = dg.DagsterInstance.ephemeral()
seen = []
for url in sys.argv[1:]:
    os.environ["SHOPTRACK_PUBLISHED_POSTGRES"] = url
    result = dg.materialize([postgres_copy], instance=instance, raise_on_error=False)
    made = result.asset_materializations_for_node("postgres_copy") if result.success else []
    failures = [event.step_failure_data.error.message for event in result.get_step_failure_events()]
    seen.append([result.success, [item.metadata["row_count"].value for item in made], failures])
print(json.dumps(seen))
"""


def run(program: str, folder: Path, *arguments: str, **settings: str) -> Any:
    """Run a program that imports the definitions in a process of its own; return what it says."""
    folder.mkdir(exist_ok=True)
    environment = {**os.environ, "DAGSTER_HOME": str(folder), **settings}
    done = run_python(program, *arguments, environment=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_every_job_that_publishes_loads_postgresql_where_it_is_named(parsed_home: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/shop"
    found = run(DESCRIBE, parsed_home, SHOPTRACK_PUBLISHED_POSTGRES=url)
    assert (found["group"], found["deps"]) == ("publishing", ["published_copy"])
    assert found["loading"] == found["publishing"]
    assert {"refresh", "refresh_intraday", "refresh_nightly"} <= set(found["loading"])


def test_without_a_server_there_is_no_such_asset(parsed_home: Path) -> None:
    found = run(DESCRIBE, parsed_home, SHOPTRACK_PUBLISHED_POSTGRES="")
    assert (found["group"], found["loading"]) == (None, [])
    assert "refresh" in found["publishing"]


def test_a_failed_load_is_a_failed_asset_and_the_old_tables_stay(
    server: Server, database: str, parsed_home: Path, tmp_path: Path
) -> None:
    copy = small_copy(tmp_path / "copy.duckdb")
    urls = (server.url(database), server.tcp_url(database, "postgres", "wrong"))
    good, bad = run(MATERIALIZE, parsed_home, *urls, SHOPTRACK_PUBLISHED=str(copy))
    assert good == [True, [15], []]
    assert bad[:2] == [False, []]
    assert "PostgreSQL was not loaded, what it held stays: " in bad[2][0]
    assert server.rows(database, TOTALS) == [(50, 50)]
