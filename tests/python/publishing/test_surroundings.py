"""What tests and benchmarks of publishing need around them, and what they must not touch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import postgres
from shoptrack.contract import PROJECT_ROOT
from tests.python.publishing.server import programs, running_server

DATABASE_OF_A_SHELL = {
    "SHOPTRACK_PUBLISHED_POSTGRES": "postgresql://somebody@127.0.0.1:1/theirs",
    "SHOPTRACK_POSTGRES_READER": "theirs",
}


def test_tests_know_no_database_of_the_shell() -> None:
    assert DATABASE_OF_A_SHELL.keys() & os.environ.keys() == set()


def test_a_run_from_a_shell_that_names_a_database_does_not_publish_there() -> None:
    test = f"{Path(__file__)}::{test_tests_know_no_database_of_the_shell.__name__}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        cwd=PROJECT_ROOT,
        env={**os.environ, **DATABASE_OF_A_SHELL},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


@pytest.mark.skipif(not programs(), reason="no PostgreSQL server is installed")
def test_a_server_that_does_not_start_says_why() -> None:
    with (
        pytest.raises(RuntimeError, match="unrecognized configuration parameter"),
        running_server("no_such_setting=1"),
    ):
        pass


def test_the_benchmark_without_a_server_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgres, "programs", lambda: None)
    with pytest.raises(SystemExit, match="apt-get install postgresql"):
        postgres.main(rows=1)
