"""Runs dbt as a process and turns what it says into Dagster's events."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliInvocation, DbtCliResource
from dagster_dbt.core.dbt_cli_event import DbtCliEventMessage
from dbt.version import __version__ as dbt_version
from packaging.version import Version

from orchestration.parsed_project import DBT, dbt_folder
from orchestration.settings import absolute_paths
from shoptrack.contract import PROJECT_ROOT

Event = (
    dg.Output[Any]
    | dg.AssetCheckResult
    | dg.AssetCheckEvaluation
    | dg.AssetObservation
    | dg.AssetMaterialization
)
_MOST_REASONS = 10


class ProjectDbt(DbtCliResource):
    """dbt on this project, without what costs seconds and is not needed.

    Upstream asks `dbt --version` in a process of its own and loads the project a second time to be
    able to query the warehouse, which dbt itself holds at that time.
    """

    @property
    def _cli_version(self) -> Version:
        return Version(dbt_version)

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> None:
        return None


def start_dbt(
    arguments: Sequence[str], context: dg.AssetExecutionContext | None = None
) -> DbtCliInvocation:
    """Start dbt, which dies with this process; it builds what a context selects."""
    os.environ.update(absolute_paths())
    dbt = ProjectDbt(
        project_dir=str(PROJECT_ROOT), profiles_dir=str(PROJECT_ROOT), dbt_executable=str(DBT)
    )
    return dbt.cli(
        arguments, context=context, target_path=dbt_folder() / "built", raise_on_error=False
    )


def asset_events(
    invocation: DbtCliInvocation, context: dg.AssetExecutionContext
) -> Iterator[Event]:
    """Yield a materialization or check per node as dbt finishes it; fail in the end if dbt did."""
    reasons: list[str] = []
    for message in invocation.stream_raw_events():
        reasons += failure_reasons(message.raw_event)
        for event in message.to_default_asset_events(
            manifest=invocation.manifest,
            dagster_dbt_translator=invocation.dagster_dbt_translator,
            context=context,
            target_path=invocation.target_path,
        ):
            yield _with_row_count(event, message)
    fail_if_needed(invocation.process.wait(), reasons)


def _with_row_count(event: Event, message: DbtCliEventMessage) -> Event:
    """Add the rows that the macro report_row_count said the table has."""
    said = message._event_history_metadata or {}
    if isinstance(event, dg.Output) and "row_count" in said:
        metadata: dict[str, Any] = {**event.metadata, "dagster/row_count": int(said["row_count"])}
        return dg.Output(event.value, event.output_name, metadata=metadata)
    return event


def failure_reasons(raw_event: Mapping[str, Any]) -> list[str]:
    """Return what an event of dbt's log says about a failure, in people's words."""
    info = raw_event["info"]
    if info["level"] != "error":
        return []
    text = str(info["msg"]).strip()
    return [text] if text else []


def fail_if_needed(return_code: int, reasons: Sequence[str]) -> None:
    """Raise for a dbt process that ended badly.

    Bad data and bad SQL fail again, so they are not tried again; a process that was killed, or
    another one that holds the warehouse, is a matter of time.
    """
    if return_code == 0:
        return
    said = "\n".join(reasons[:_MOST_REASONS]) or "it said nothing; see the log of the run"
    is_passing = return_code < 0 or "is in use by" in said
    if return_code < 0:
        said = f"the process was ended by signal {-return_code}\n{said}"
    raise dg.Failure(description=f"dbt failed: {said}", allow_retries=is_passing)
