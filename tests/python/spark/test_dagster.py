"""Dagster refreshes Spark's warehouse where one environment variable says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoptrack.public_marts import public_marts
from tests.python.orchestration.serving import Served, copy_project
from tests.python.spark.spark_warehouse import FEW_ROWS, why_not_here

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_not_here()), reason=why_not_here()),
]
NO_TESTS = ("--exclude-resource-type", "test", "unit_test")


def test_one_variable_lets_a_refresh_run_on_spark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_project(tmp_path)
    for name, value in {**FEW_ROWS, "SHOPTRACK_TARGET": "spark"}.items():
        monkeypatch.setenv(name, value)
    served = Served(tmp_path)
    served.run_program("shoptrack", "demo", "--days", "8", "--visitors", "150")
    try:
        served.start()
        served.stop_schedules()
        assert served.finish(served.launch("refresh"), seconds=1800) == "SUCCESS"
    finally:
        served.stop()
    assert not served.warehouse.exists()
    served.run_program("dbt", "--quiet", "build", *NO_TESTS, SHOPTRACK_TARGET="duckdb")
    differing = [m.name for m in public_marts() if served.difference(m.name, served.warehouse)]
    assert differing == []
