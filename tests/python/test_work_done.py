"""Builds do no more work than before: counted, not timed, on a small fixed shop.

work_done.json holds what was counted when it was last looked at. What grows by more than a tenth
fails here and is either mended or, if it is worth it, renewed and reviewed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.shops import Shop
from shoptrack.contract import PROJECT_ROOT
from shoptrack.demo import simulate
from tests.python.conftest import NewWarehouse
from tests.python.warehouse import Project, Warehouse
from tests.python.work_done import Work, counted_work

COUNTS = Path(__file__).with_name("work_done.json")
RENEW = "SHOPTRACK_RENEW_SNAPSHOTS"
HEADROOM = 1.1
DAYS, VISITORS = 30, 600

Counts = dict[str, dict[str, float]]


def counts_of(work: Work) -> dict[str, float]:
    return {
        "statements": work.statements,
        "rows scanned": work.rows,
        "bytes scanned": work.bytes,
    }


@pytest.fixture(scope="module")
def counted(
    new_warehouse: NewWarehouse,
    parsed_project: Project,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Counts]:
    """What a full build, its data tests and the refresh with the last load did."""
    zone = tmp_path_factory.mktemp("shop") / "landing"
    simulate(zone, days=DAYS, visitors=VISITORS)
    *earlier, last = Shop(0, zone, zone).loads
    with new_warehouse() as warehouse:
        warehouse.take(zone, [file for load in earlier for file in load])
        with counted_work() as full:
            warehouse.build()
        with counted_work() as data_tests:
            warehouse.run_data_tests([])
        landed, change = rows_landed(warehouse), warehouse.change_number()
        warehouse.take(zone, last)
        with counted_work() as refresh:
            warehouse.build()
        yield {
            "project": project_counts(parsed_project),
            "full build": {
                **counts_of(full),
                "times that event files are read": round(full.event_rows / landed, 2),
            },
            "data tests": counts_of(data_tests),
            "refresh": {
                **counts_of(refresh),
                "times that new event files are read": round(
                    refresh.event_rows / (rows_landed(warehouse) - landed), 2
                ),
                "days of visitors rewritten": visitor_days_changed(warehouse, change),
            },
        }


def rows_landed(warehouse: Warehouse) -> int:
    query = "select sum(row_count) from intermediate.int_event_files_counted"
    return int(warehouse.query(query)[0][0])


def visitor_days_changed(warehouse: Warehouse, after: int) -> int:
    """Days of visitors whose events were written after a change of them."""
    query = f"select count(*) from changes.int_events_sessionized where change_number > {after}"
    return int(warehouse.query(query)[0][0])


def project_counts(project: Project) -> dict[str, float]:
    nodes: list[Any] = [*project.manifest.nodes.values(), *project.manifest.unit_tests.values()]
    kinds = [node.resource_type.value for node in nodes]
    return {kind: kinds.count(kind) for kind in ("model", "seed", "test", "unit_test")}


def grown(found: Counts, kept: Counts) -> list[str]:
    """What is more than it was, by more than the headroom, or is not kept yet."""
    return [
        f"{part}: {name} {kept.get(part, {}).get(name, 0):,} → {count:,}"
        for part, counts in found.items()
        for name, count in counts.items()
        if count > kept.get(part, {}).get(name, 0) * HEADROOM
    ]


def test_a_build_does_no_more_work_than_was_agreed(counted: Counts) -> None:
    if os.environ.get(RENEW):
        COUNTS.write_text(json.dumps(counted, indent=2) + "\n", encoding="utf-8")
    more = grown(counted, json.loads(COUNTS.read_text(encoding="utf-8")))
    how = f"{RENEW}=1 pytest {Path(__file__).relative_to(PROJECT_ROOT)}; git diff"
    assert not more, "\n".join(
        [*more, "If that is worth it, renew the counts and look at them:", how]
    )


def test_work_is_counted_at_all(counted: Counts) -> None:
    assert all(count > 0 for counts in counted.values() for count in counts.values())


def test_growth_beyond_the_headroom_is_told() -> None:
    kept = {"refresh": {"rows": 100.0}}
    assert grown({"refresh": {"rows": 110}}, kept) == []
    assert grown({"refresh": {"rows": 111}}, kept) == ["refresh: rows 100.0 → 111"]
    assert grown({"refresh": {"days": 1}}, kept) == ["refresh: days 0 → 1"]
