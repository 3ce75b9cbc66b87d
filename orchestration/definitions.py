"""Everything that Dagster knows of shoptrack, put together."""

from __future__ import annotations

import dagster as dg

from orchestration.defs.alerting.sensors import check_alerts, failure_alerts
from orchestration.defs.landing.assets import INBOX, land_inbox
from orchestration.defs.landing.checks import (
    COLUMN_CHECKS,
    every_file_has_a_table,
    source_freshness,
)
from orchestration.defs.landing.sensor import inbox_sensor
from orchestration.defs.publishing.assets import COPIES
from orchestration.defs.refreshing import jobs, schedules
from orchestration.defs.upkeep.clean_up import WEEKLY_CLEAN_UP, clean_up
from orchestration.defs.warehouse.assets import dbt_build
from orchestration.defs.warehouse.exposures import exposure_assets
from orchestration.defs.warehouse.unit_tests import dbt_unit_tests
from orchestration.parsed_project import manifest

defs = dg.Definitions(
    assets=[INBOX, land_inbox, dbt_build, *COPIES, *exposure_assets(manifest())],
    asset_checks=[every_file_has_a_table, source_freshness, *COLUMN_CHECKS, dbt_unit_tests],
    jobs=[
        jobs.REFRESH,
        jobs.INTRADAY,
        jobs.NIGHTLY,
        jobs.FRESHNESS,
        *jobs.SUBJECT_JOBS,
        clean_up,
    ],
    schedules=[
        schedules.HOURLY_INTRADAY,
        schedules.NIGHTLY_FULL,
        schedules.HOURLY_FRESHNESS,
        WEEKLY_CLEAN_UP,
    ],
    sensors=[inbox_sensor, failure_alerts, check_alerts],
    executor=dg.in_process_executor,  # the steps follow one another; a process each costs seconds
)
