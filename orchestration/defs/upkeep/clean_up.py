"""Removes old runs with their events and logs, every week."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from pydantic import Field

from orchestration.defs.refreshing.schedules import STORE_TIMEZONE
from orchestration.settings import dagster_home

_FINISHED = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]
_BATCH = 100


class CleanUpConfig(dg.Config):
    """How much history to keep."""

    keep_days: int = Field(
        default=180,
        ge=1,
        description="Days for which finished runs are kept, with their logs and what the plots of"
        " assets show of them.",
    )


def remove_old_runs(instance: dg.DagsterInstance, before: datetime) -> int:
    """Delete finished runs made before a moment, with their events and logs; return how many."""
    removed = 0
    old = dg.RunsFilter(statuses=_FINISHED, created_before=before)
    while records := instance.get_run_records(old, limit=_BATCH):
        for record in records:
            run_id = record.dagster_run.run_id
            instance.compute_log_manager.delete_logs(prefix=[run_id])
            instance.delete_run(run_id)
            removed += 1
    return removed


def remove_stray_folders(instance: dg.DagsterInstance, home: Path) -> int:
    """Remove log folders in the storage of runs that are gone; return how many."""
    removed = 0
    for folder in (home / "storage").glob("*-*-*-*-*"):
        if folder.is_dir() and instance.get_run_by_id(folder.name) is None:
            shutil.rmtree(folder)
            removed += 1
    return removed


@dg.op
def remove_run_artefacts(context: dg.OpExecutionContext, config: CleanUpConfig) -> None:
    """Delete what runs older than keep_days left behind."""
    before = datetime.now(UTC) - timedelta(days=config.keep_days)
    runs = remove_old_runs(context.instance, before)
    folders = remove_stray_folders(context.instance, dagster_home())
    context.log.info(f"removed {runs} runs and {folders} folders of runs that were gone")


@dg.job(description="Delete finished runs that are older than keep_days, and their logs.")
def clean_up() -> None:
    """Delete old runs."""
    remove_run_artefacts()


WEEKLY_CLEAN_UP = dg.ScheduleDefinition(
    name="weekly_clean_up",
    job=clean_up,
    cron_schedule="0 5 * * 1",
    execution_timezone=STORE_TIMEZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every Monday, removes runs older than 180 days.",
)
