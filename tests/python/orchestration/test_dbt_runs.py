"""What dbt said becomes the reason of a failure, and only what may pass is tried again."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pytest

from orchestration.defs.warehouse.dbt_runs import fail_if_needed, failure_reasons


def event(level: str, message: str) -> dict[str, Any]:
    """An event of dbt's log."""
    return {"info": {"level": level, "msg": message}}


def failure(return_code: int, reasons: list[str]) -> dg.Failure:
    """The failure that a dbt process is."""
    with pytest.raises(dg.Failure) as caught:
        fail_if_needed(return_code, reasons)
    return caught.value


def test_only_errors_that_say_something_are_reasons() -> None:
    assert failure_reasons(event("error", "  Database Error in fct_orders \n")) == [
        "Database Error in fct_orders",
    ]
    assert failure_reasons(event("error", " \n ")) == []
    assert failure_reasons(event("warn", "late rows")) == []
    assert failure_reasons(event("info", "ok")) == []


def test_a_good_end_is_no_failure_whatever_was_said() -> None:
    fail_if_needed(0, ["something"])


def test_bad_data_is_not_tried_again() -> None:
    found = failure(1, ["Failure in test unique", "Got 3 results"])
    assert found.description == "dbt failed: Failure in test unique\nGot 3 results"
    assert found.allow_retries is False


def test_a_killed_process_is_tried_again() -> None:
    found = failure(-9, [])
    assert "the process was ended by signal 9" in (found.description or "")
    assert found.allow_retries is True


def test_a_warehouse_in_use_is_tried_again() -> None:
    reason = "the warehouse w.duckdb is in use by process 7: another build is running"
    found = failure(2, [reason])
    assert found.allow_retries is True
    assert reason in (found.description or "")


def test_of_many_reasons_the_first_are_told() -> None:
    said = failure(1, [f"reason {number}" for number in range(30)]).description or ""
    assert "reason 9" in said
    assert "reason 10" not in said


def test_a_process_that_said_nothing_points_to_the_log() -> None:
    assert "see the log of the run" in (failure(2, []).description or "")
