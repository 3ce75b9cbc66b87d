"""Whether raw tables are fresh, and whether their columns are those of the file before."""

import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from orchestration.defs.landing.assets import INBOX, RAW_TABLES
from orchestration.defs.landing.inbox import inbox_files
from orchestration.defs.landing.landed_tables import read_landed_table
from orchestration.parsed_project import manifest
from orchestration.settings import inbox_path
from shoptrack.landing import landing_zone

FRESH = "is_fresh"
_HOURS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0}


def limit(freshness: Mapping[str, Any] | None, name: str) -> timedelta | None:
    """Return a limit of dbt's source freshness (`warn_after` or `error_after`), None if not set."""
    found = (freshness or {}).get(name) or {}
    if not found.get("count"):
        return None
    return timedelta(hours=found["count"] * _HOURS[found["period"]])


def judge(
    age: timedelta | None, freshness: Mapping[str, Any] | None
) -> dg.AssetCheckSeverity | None:
    """Return how badly an age breaks the limits, None if it does not.

    A table that nobody ever landed (age None) is optional and never late.
    """
    warn, error = limit(freshness, "warn_after"), limit(freshness, "error_after")
    if age is not None and error is not None and age > error:
        return dg.AssetCheckSeverity.ERROR
    if age is not None and warn is not None and age > warn:
        return dg.AssetCheckSeverity.WARN
    return None


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec(
            FRESH,
            asset=spec.key,
            description="The newest file was landed within the time that the source's freshness"
            " allows (warn_after, error_after).",
        )
        for spec in RAW_TABLES.values()
    ],
    name="source_freshness",
    can_subset=True,
)
def source_freshness(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """Judge the age of the newest landed file of every raw table."""
    for source in manifest()["sources"].values():
        name = f"{source['source_name']}.{source['name']}"
        key = dg.AssetCheckKey(RAW_TABLES[name].key, FRESH)
        if key not in context.selected_asset_check_keys:
            continue
        newest = read_landed_table(landing_zone(), name).newest_at
        age = datetime.now(UTC) - newest if newest else None
        severity = judge(age, source["freshness"])
        yield dg.AssetCheckResult(
            asset_key=key.asset_key,
            check_name=FRESH,
            passed=severity is None,
            severity=severity or dg.AssetCheckSeverity.ERROR,
            metadata={
                "newest file": newest.isoformat() if newest else "never landed",
                "hours ago": age / timedelta(hours=1) if age else 0.0,
            },
        )


@dg.asset_check(asset=INBOX.key)
def every_file_has_a_table() -> dg.AssetCheckResult:
    """Every file of the inbox lies in the folder of a raw table; no other can be landed."""
    stray = [str(file.path) for file in inbox_files(inbox_path()) if file.table not in RAW_TABLES]
    return dg.AssetCheckResult(
        passed=not stray,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"files": "\n".join(stray) or "none"},
    )


with warnings.catch_warnings():
    warnings.simplefilter("ignore", dg.BetaWarning)  # said at every start of every process
    COLUMN_CHECKS = dg.build_column_schema_change_checks(
        assets=[spec.key for spec in RAW_TABLES.values()]
    )
