"""Raw tables are judged by the limits of dbt's source freshness, and described from their files."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.defs.landing.landed_tables import read_landed_table
from shoptrack.contract import find_table
from shoptrack.landing import ensure_zone, land_file

WARN, ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR
LIMITS = {
    "warn_after": {"count": 36, "period": "hour"},
    "error_after": {"count": 7, "period": "day"},
}
NO_LIMITS = {"warn_after": {"count": None, "period": None}, "error_after": None}

Judge = Callable[[timedelta | None, Any], dg.AssetCheckSeverity | None]


@pytest.fixture(scope="module")
def judge(dagster_home: Path) -> Judge:
    """The judgement, whose module needs the manifest."""
    from orchestration.defs.landing.checks import judge  # noqa: PLC0415

    return judge


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(0, None), (36, None), (36.1, WARN), (7 * 24, WARN), (7 * 24 + 0.1, ERROR)],
)
def test_an_age_is_judged_by_both_limits(
    judge: Judge, hours: float, expected: dg.AssetCheckSeverity | None
) -> None:
    assert judge(timedelta(hours=hours), LIMITS) == expected


def test_a_limit_may_stand_alone_and_count_minutes(judge: Judge) -> None:
    limits = {"error_after": {"count": 30, "period": "minute"}}
    assert judge(timedelta(minutes=29), limits) is None
    assert judge(timedelta(minutes=31), limits) == ERROR


@pytest.mark.parametrize("limits", [None, {}, NO_LIMITS])
def test_without_limits_nothing_is_late(judge: Judge, limits: Any) -> None:
    assert judge(timedelta(days=900), limits) is None


def test_what_was_never_landed_is_not_late(judge: Judge) -> None:
    assert judge(None, LIMITS) is None


def test_a_table_is_described_by_its_landed_files(tmp_path: Path) -> None:
    zone = tmp_path / "zone"
    ensure_zone(zone)
    empty = read_landed_table(zone, "shop.orders")
    assert (empty.file_count, empty.row_count, empty.newest_at) == (0, 0, None)
    assert empty.columns == find_table("shop.orders").column_names

    for number, header in enumerate(
        ["order_id,ordered_at,total", "order_id,ordered_at,total,mood"]
    ):
        export = tmp_path / f"{number}.csv"
        row = ",".join([f"o{number}", "2025-01-01", "1", "good"][: header.count(",") + 1])
        export.write_text(f"{header}\n{row}\n", encoding="utf-8")
        landed_at = datetime(2025, 1, 1 + number, tzinfo=UTC).timestamp()
        os.utime(land_file(zone, "shop.orders", export).path, (landed_at, landed_at))
    landed = read_landed_table(zone, "shop.orders")
    assert (landed.file_count, landed.row_count) == (2, 2)
    assert landed.newest_at == datetime(2025, 1, 2, tzinfo=UTC)
    assert "mood" in landed.columns
    assert not any(column.startswith("_") for column in landed.columns)
