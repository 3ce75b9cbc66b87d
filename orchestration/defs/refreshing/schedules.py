"""When the warehouse is refreshed, in the store's time zone."""

from __future__ import annotations

import dagster as dg

from orchestration.defs.refreshing.jobs import FRESHNESS, INTRADAY, NIGHTLY
from orchestration.parsed_project import project_vars

STORE_TIMEZONE = str(project_vars()["store_timezone"])
_RUNNING, _STOPPED = dg.DefaultScheduleStatus.RUNNING, dg.DefaultScheduleStatus.STOPPED

HOURLY_INTRADAY = dg.ScheduleDefinition(
    name="hourly_intraday",
    job=INTRADAY,
    cron_schedule="5 6-23 * * *",
    execution_timezone=STORE_TIMEZONE,
    default_status=_STOPPED,
    description="Every hour of the day, what changes within a day. Off until it is switched on.",
)
NIGHTLY_FULL = dg.ScheduleDefinition(
    name="nightly_full",
    job=NIGHTLY,
    cron_schedule="30 3 * * *",
    execution_timezone=STORE_TIMEZONE,
    default_status=_RUNNING,
    description="Every night, all models and dbt's unit tests.",
)
HOURLY_FRESHNESS = dg.ScheduleDefinition(
    name="hourly_freshness",
    job=FRESHNESS,
    cron_schedule="35 * * * *",
    execution_timezone=STORE_TIMEZONE,
    default_status=_RUNNING,
    description="Every hour, whether any raw table is late, also when nothing is built.",
)
