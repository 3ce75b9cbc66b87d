"""What people are told of a run that ended, and when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
from dagster._core.execution.plan.objects import StepFailureData, UserFailureData
from dagster_shared.error import SerializableErrorInfo

from orchestration.defs.alerting.alerts import (
    alert_of_checks,
    alert_of_failure,
    began_to_fail,
    describe_check,
    evaluations_of,
    reason_of,
)

failed: Any = StepFailureData  # upstream leaves its arguments untyped
chosen: Any = UserFailureData
RUN_ID = "0a1b2c3d-0000-4000-8000-000000000000"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster without any history."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture(autouse=True)
def _address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPTRACK_UI_URL", "https://dagster.example")


def run(**tags: str) -> dg.DagsterRun:
    """A run of refresh."""
    return dg.DagsterRun(job_name="refresh", run_id=RUN_ID, tags=tags)


def check(
    name: str, *, passed: bool = False, severity: str = "WARN", **said: str | int
) -> dg.AssetCheckEvaluation:
    """A check of marts/fct_orders that was evaluated."""
    return dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey(["marts", "fct_orders"]),
        check_name=name,
        passed=passed,
        severity=dg.AssetCheckSeverity[severity],
        metadata={key: dg.MetadataValue.text(str(value)) for key, value in said.items()},
    )


@dg.asset
def orders() -> None:
    """An asset with a check."""


def evaluate(instance: dg.DagsterInstance, *, passed: bool) -> str:
    """Let a run evaluate a check of orders; return the run's id."""

    @dg.asset_check(asset=orders)
    def totals_agree() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=passed)

    return dg.materialize([orders, totals_agree], instance=instance).run_id


def is_told(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether the check that a run evaluated is told as one that began to fail."""
    [evaluation] = evaluations_of(instance, run_id)
    return began_to_fail(instance, run_id, evaluation)


def test_a_failed_run_is_told_with_its_reasons_and_failed_checks() -> None:
    checks = [check("totals_agree", severity="ERROR", rows=3), check("is_key", passed=True)]
    alert = alert_of_failure(run(), ["dbt failed: no disk", "", "dbt failed: no disk"], checks)
    assert alert.text == (
        "Run of refresh failed.\n"
        "  dbt failed: no disk\n"
        "  error marts/fct_orders: totals_agree – rows: 3\n"
        f"  https://dagster.example/runs/{RUN_ID}"
    )


def test_a_run_that_is_started_again_says_so() -> None:
    alert = alert_of_failure(run(**{"dagster/will_retry": "true"}), [], [])
    assert alert.title == "Run of refresh failed. It is started again."
    again = alert_of_failure(run(**{"dagster/will_retry": "false"}), [], [])
    assert again.title == "Run of refresh failed."


def test_a_very_long_reason_is_cut() -> None:
    [line] = alert_of_failure(run(), ["x" * 10_000], []).lines
    assert len(line) == 1_500


def test_checks_that_began_to_fail_are_told_and_nothing_else_is() -> None:
    assert alert_of_checks(run(), []) is None
    one = alert_of_checks(run(), [check("is_fresh")])
    assert one is not None
    assert one.title == "1 check of refresh began to fail."
    assert one.lines == ("warn marts/fct_orders: is_fresh",)
    two = alert_of_checks(run(), [check("is_fresh"), check("is_key")])
    assert two is not None
    assert two.title == "2 checks of refresh began to fail."


def test_a_check_is_described_without_what_only_machines_read() -> None:
    described = check(
        "is_key", unique_id="test.shoptrack.x", invocation_id="1", status="fail", rows=2
    )
    assert describe_check(described) == "warn marts/fct_orders: is_key – rows: 2"


def test_a_reason_is_in_the_words_that_were_chosen() -> None:
    error = SerializableErrorInfo("KeyError: 'x'\n", [], "KeyError")
    described = chosen(label="failure", description="dbt failed: no disk")
    assert reason_of(failed(error, described)) == "dbt failed: no disk"
    assert reason_of(failed(error, None)) == "KeyError: 'x'"
    assert reason_of(failed(None, None)) == ""


def test_a_check_begins_to_fail_once(instance: dg.DagsterInstance) -> None:
    told = [
        is_told(instance, evaluate(instance, passed=passed))
        for passed in (False, False, True, False, False)
    ]
    assert told == [True, False, False, True, False]


def test_runs_that_came_after_do_not_hide_where_a_check_began_to_fail(
    instance: dg.DagsterInstance,
) -> None:
    outcomes = (True, False, *[False] * 25, True)
    run_ids = [evaluate(instance, passed=passed) for passed in outcomes]
    assert [is_told(instance, run_id) for run_id in run_ids] == [False, True, *[False] * 26]


def test_a_run_that_only_plans_a_check_does_not_hide_where_it_began_to_fail(
    instance: dg.DagsterInstance,
) -> None:
    failed_run = evaluate(instance, passed=False)

    @dg.asset_check(asset=orders)
    def totals_agree() -> dg.AssetCheckResult:
        assert is_told(instance, failed_run)
        return dg.AssetCheckResult(passed=True)

    assert dg.materialize([orders, totals_agree], instance=instance).success
