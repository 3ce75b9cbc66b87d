"""Builds the warehouse anew from the erased files and swaps it in.

A row that DuckDB deletes stays in the file's free blocks. So the file is not mended: a new one is
built from landed files that no longer hold the person, which also makes it what a full refresh
gives, and it takes the old one's place with one rename.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from shoptrack.contract import PROJECT_ROOT
from shoptrack.erasure.errors import ErasureError
from shoptrack.warehouse import describe_open_error

_FOLDER = ".erasing"


@contextmanager
def held(warehouse: Path) -> Iterator[None]:
    """Hold the warehouse, so that no build reads files that are half erased.

    Raises ErasureError, which says who has it, where a build or a tool has it open.
    """
    if not warehouse.exists():
        yield
        return
    try:
        connection = duckdb.connect(str(warehouse))
    except duckdb.Error as error:
        raise ErasureError(describe_open_error(str(warehouse), error)) from None
    try:
        yield
    finally:
        connection.close()


def rebuild(warehouse: Path, zone: Path, variables: str | None) -> bool:
    """Build a new file and let it take the warehouse's place; return whether all tests passed.

    `variables` are dbt's --vars, for a shop that gives them on the command line. Raises
    ErasureError when a model fails: then the old file is still there.
    """
    folder = warehouse.parent / _FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    new = folder / warehouse.name  # of the same stem: views name the database that they are in
    try:
        done = _run_dbt(new, zone, folder, variables)
        failed = _failed_models(folder / "target" / "run_results.json")
        if not new.exists() or failed is None or failed:
            said = ", ".join(failed or ()) or "\n".join(done.stdout.splitlines()[-20:])
            raise ErasureError(
                f"the landing zone is erased, but the warehouse cannot be built: {said}. Mend that"
                " and run shoptrack erase again: it goes on from here"
            )
        os.replace(new, warehouse)
        remove_traces(warehouse)
        return done.returncode == 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_traces(warehouse: Path) -> None:
    """Remove what DuckDB kept beside the old file: its log of changes, and what it spilled."""
    warehouse.with_name(f"{warehouse.name}.wal").unlink(missing_ok=True)
    shutil.rmtree(warehouse.with_name(f"{warehouse.name}.tmp"), ignore_errors=True)


def _run_dbt(
    new: Path, zone: Path, folder: Path, variables: str | None
) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "SHOPTRACK_WAREHOUSE": str(new.absolute()),
        "SHOPTRACK_LANDING": str(zone.absolute()),
        "DBT_TARGET_PATH": str((folder / "target").absolute()),
        "DBT_LOG_PATH": str((folder / "logs").absolute()),
    }
    program = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors"]
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    if variables:
        arguments += ["--vars", variables]
    return subprocess.run(
        [*program, *arguments],
        cwd=PROJECT_ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _failed_models(results: Path) -> list[str] | None:
    """Models and seeds that dbt could not build; None where it did not get so far."""
    if not results.exists():
        return None
    nodes = json.loads(results.read_text(encoding="utf-8"))["results"]
    return [
        node["unique_id"].split(".")[2]
        for node in nodes
        if node["unique_id"].split(".")[0] in ("model", "seed")
        and node["status"] not in ("success", "skipped")
    ]
