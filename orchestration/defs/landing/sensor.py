"""Starts a refresh when files wait in the inbox."""

import hashlib
from collections.abc import Iterator, Sequence

import dagster as dg

from orchestration.defs.landing.assets import RAW_TABLES
from orchestration.defs.landing.inbox import InboxFile, make_inbox, waiting_files
from orchestration.defs.refreshing.jobs import FRESHNESS, REFRESH
from orchestration.settings import inbox_path

_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def run_key(files: Sequence[InboxFile]) -> str:
    """Return what is the same for the same files with the same content, and for no others."""
    described = [f"{file.path} {file.signature}" for file in files]
    return hashlib.sha256("\n".join(described).encode()).hexdigest()


def has_unfinished_run(context: dg.SensorEvaluationContext) -> bool:
    """Whether a run that lands files, whoever asked for it, has not ended."""
    runs = context.instance.get_runs(dg.RunsFilter(statuses=_UNFINISHED))
    return any(run.job_name != FRESHNESS.name for run in runs)


@dg.sensor(
    job=REFRESH,
    name="inbox_sensor",
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Lands files that were dropped into the inbox and refreshes the warehouse. Files"
    " that wait together are one run; a refused file starts no second one until it changes.",
)
def inbox_sensor(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Ask for one run for the files that wait; Dagster keeps the key, so a restart asks no more.

    While a run lands files, those that still wait may be its own: the next one is asked for after
    it.
    """
    make_inbox(inbox_path(), RAW_TABLES)
    files = waiting_files(inbox_path())
    if not files:
        yield dg.SkipReason(f"no file waits in {inbox_path()}")
        return
    if has_unfinished_run(context):
        yield dg.SkipReason("the run before has not ended; what waits after it is the next run's")
        return
    names = ", ".join(f"{file.table}/{file.path.name}" for file in files[:5])
    yield dg.RunRequest(run_key=run_key(files), tags={"files": names[:250]})
