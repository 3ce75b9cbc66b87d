"""What is worth telling people about a run that ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile

import dagster as dg
from dagster._core.execution.plan.objects import StepFailureData
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)
from dagster._core.storage.tags import WILL_RETRY_TAG

from orchestration.settings import ui_address

_EVALUATED = frozenset(
    {AssetCheckExecutionRecordStatus.FAILED, AssetCheckExecutionRecordStatus.SUCCEEDED}
)
_PAGE = 20
_LONGEST_REASON = 1500


@dataclass(frozen=True)
class Alert:
    """A message for people: a line that says what, some that say why, and where to look."""

    title: str
    lines: tuple[str, ...]
    link: str

    @property
    def text(self) -> str:
        """All of it, as plain text."""
        return "\n".join((self.title, *(f"  {line}" for line in self.lines), f"  {self.link}"))


def alert_of_failure(
    run: dg.DagsterRun, reasons: Iterable[str], checks: Sequence[dg.AssetCheckEvaluation]
) -> Alert:
    """Return the alert for a run that failed."""
    again = " It is started again." if run.tags.get(WILL_RETRY_TAG) == "true" else ""
    lines = [reason[:_LONGEST_REASON] for reason in dict.fromkeys(reasons) if reason]
    return Alert(
        f"Run of {run.job_name} failed.{again}",
        (*lines, *(describe_check(check) for check in checks if not check.passed)),
        run_link(run),
    )


def alert_of_checks(
    run: dg.DagsterRun, newly_failed: Sequence[dg.AssetCheckEvaluation]
) -> Alert | None:
    """Return the alert for checks that began to fail in a run that went well, if any did."""
    if not newly_failed:
        return None
    count = len(newly_failed)
    return Alert(
        f"{count} check{'s'[: count > 1]} of {run.job_name} began to fail.",
        tuple(describe_check(check) for check in newly_failed),
        run_link(run),
    )


def reason_of(failure: StepFailureData) -> str:
    """Return what a step that failed said, in its own words where it chose any."""
    if failure.user_failure_data and failure.user_failure_data.description:
        return failure.user_failure_data.description
    return failure.error.message.strip() if failure.error else ""


def describe_check(check: dg.AssetCheckEvaluation) -> str:
    """Say which check of which asset failed, how badly, and what it said."""
    said = "; ".join(
        f"{name}: {value.value}"
        for name, value in check.metadata.items()
        if name not in ("unique_id", "invocation_id", "status", "Execution Duration")
        and isinstance(value.value, str | int | float)
    )
    severity = check.severity.value.lower()
    asset = check.asset_key.to_user_string()
    return f"{severity} {asset}: {check.check_name}{' – ' + said if said else ''}"


def run_link(run: dg.DagsterRun) -> str:
    """Address of a run in the UI."""
    return f"{ui_address()}/runs/{run.run_id}"


def evaluations_of(instance: dg.DagsterInstance, run_id: str) -> list[dg.AssetCheckEvaluation]:
    """Return all checks that a run evaluated, in their order."""
    logs = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    return [
        log.dagster_event.asset_check_evaluation_data
        for log in logs
        if log.dagster_event is not None
    ]


def began_to_fail(
    instance: dg.DagsterInstance, run_id: str, check: dg.AssetCheckEvaluation
) -> bool:
    """Whether a check that failed in a run had passed, or was not evaluated, in those before it.

    Runs that came after count for nothing: they may have begun before anyone looked at this one.
    """
    if check.passed:
        return False
    up_to_run = dropwhile(
        lambda record: record.run_id != run_id, _records(instance, check.asset_check_key)
    )
    before = next((record for record in up_to_run if record.run_id != run_id), None)
    return before is None or before.status != AssetCheckExecutionRecordStatus.FAILED


def _records(
    instance: dg.DagsterInstance, key: dg.AssetCheckKey
) -> Iterator[AssetCheckExecutionRecord]:
    """Yield all evaluations of a check, the newest first; those only planned are none."""
    history = instance.event_log_storage.get_asset_check_execution_history
    cursor = None
    while page := history(key, limit=_PAGE, cursor=cursor, status=_EVALUATED):
        yield from page
        cursor = page[-1].id
