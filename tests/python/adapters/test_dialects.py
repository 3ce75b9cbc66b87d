"""The same shop, as other systems export it, gives the marts of the contract's own files."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shoptrack.contract import PROJECT_ROOT, find_table
from shoptrack.demo.dialects import CONTRACT, DIALECTS, Dialects
from shoptrack.demo.simulate import simulate
from tests.python.warehouse import BuildError, Project, State, Warehouse, temporary_folder

# They name files, keys and rows of raw tables, which every system has of its own.
COMPARED_APART = (
    "marts.fct_rejected_rows",
    "marts.rpt_data_quality_daily",
    "marts.rpt_schema_drift",
)


@contextmanager
def shop_of(
    project: Project,
    dialects: Sequence[str],
    days: int = 24,
    visitors: int = 1200,
    held: State = "all",
) -> Iterator[Warehouse]:
    """A shop that was landed in dialects and is not built yet."""
    with temporary_folder("dialect-") as folder:
        warehouse = Warehouse(project, folder, held)
        simulate(warehouse.zone, days=days, visitors=visitors, seed=11, dialects=dialects)
        yield warehouse


@pytest.fixture(scope="module")
def project(adapted_project: Project) -> Project:
    """The project with every adapter on: one that nobody landed for gives nothing."""
    return adapted_project


def not_carried(dialect: str) -> dict[str, tuple[str, ...]]:
    """Columns, by table of the contract, that a dialect does not carry."""
    return dict(importlib.import_module(f"shoptrack.demo.dialects.{dialect}").NOT_CARRIED)


def blank_columns(warehouse: Warehouse, missing: dict[str, tuple[str, ...]]) -> None:
    """Take from the landed files of the contract what a dialect does not carry, keys apart."""
    for name, columns in missing.items():
        table = find_table(name)
        blanked = [column for column in columns if column not in table.key]
        for file in (warehouse.zone / table.source / table.name).glob("*.parquet"):
            rows = pq.read_table(file)
            for column in blanked:
                at = rows.schema.get_field_index(column)
                rows = rows.set_column(at, column, pa.nulls(rows.num_rows, pa.string()))
            pq.write_table(rows, file)


def rejections(warehouse: Warehouse, but: Sequence[str] = ()) -> list[Any]:
    """How many rows were rejected for each reason, by load."""
    reasons = ", ".join(f"'{reason}'" for reason in ("", *but))
    return warehouse.query(
        "select loaded_at, reason, count(*) from marts.fct_rejected_rows"
        f" where reason not in ({reasons}) group by all order by all"
    )


def quality(warehouse: Warehouse, is_exact: bool, but: str = "") -> list[Any]:
    """Counts of good events by day; without those that a row changes which is not rejected."""
    columns = "report_date, events, late_events, sessions, bot_sessions"
    if is_exact:
        columns += ", landed_events, duplicate_events, rejected_rows, rejected_events"
    columns = ", ".join(name for name in columns.split(", ") if name not in but.split(", "))
    return warehouse.query(f"select {columns} from marts.rpt_data_quality_daily order by all")


# Every day one that exports events and one that exports orders; of the others their own tests.
@pytest.mark.parametrize(
    "dialect",
    [
        pytest.param(name, marks=() if name in ("ga4", "shopify") else pytest.mark.slow)
        for name in DIALECTS
    ],
)
def test_a_dialects_marts_are_those_of_the_contracts_own_files(
    parsed_project: Project, project: Project, dialect: str
) -> None:
    module = importlib.import_module(f"shoptrack.demo.dialects.{dialect}")
    with shop_of(parsed_project, [CONTRACT]) as contract, shop_of(project, [dialect]) as other:
        blank_columns(contract, module.NOT_CARRIED)
        contract.build()
        other.build()
        marts = [name for name in contract.marts() if name not in SEES_EVERY_SYSTEM]
        assert other.difference(contract, marts) == ""
        assert rejections(other) == rejections(contract, module.NOT_REJECTED)
        is_exact = not module.NOT_REJECTED
        assert quality(other, is_exact) == quality(contract, is_exact)
        carried = {table.replace(".", "/") for table in module.Dialect().contract_tables}
        landed = {str(file.parent) for file in other.landed() if "0_contract" not in file.name}
        assert not carried & landed


@pytest.mark.slow  # every day each adapter's own tests build late and repeated files
@pytest.mark.parametrize("dialect", DIALECTS)
def test_loads_of_a_dialect_built_one_by_one_equal_a_full_refresh(
    project: Project, dialect: str
) -> None:
    with shop_of(project, [dialect]) as whole, temporary_folder("loads-") as folder:
        loads: dict[Any, list[Path]] = {}
        for file in whole.landed():
            loads.setdefault(loaded_at(whole.zone / file), []).append(file)
        moments = sorted(loads, key=str)
        steps = [moments[:8], moments[8:9], moments[16:], moments[9:16]]
        built = Warehouse(project, folder)
        for step in steps:
            for moment in step:
                built.take(whole.zone, loads[moment])
            built.build_state()
        built.build()
        built.assert_exact()


def loaded_at(file: Path) -> Any:
    """When the rows of a landed file were loaded."""
    [moment] = duckdb.sql(f"select max(_loaded_at) from read_parquet('{file}')").fetchall()[0]
    return moment


def test_with_all_dialects_at_once_nobody_and_nothing_is_counted_twice(
    parsed_project: Project, project: Project
) -> None:
    with (
        shop_of(parsed_project, [CONTRACT]) as contract,
        shop_of(project, [CONTRACT, *DIALECTS]) as everything,
    ):
        for dialect in DIALECTS:
            module = importlib.import_module(f"shoptrack.demo.dialects.{dialect}")
            for warehouse in (contract, everything):
                blank_columns(warehouse, module.NOT_CARRIED)
        contract.build()
        everything.build()
        marts = [name for name in contract.marts() if name not in SEES_EVERY_SYSTEM]
        assert everything.difference(contract, marts) == ""
        assert quality(everything, True, but="rejected_rows, rejected_events") == quality(
            contract, True, but="rejected_rows, rejected_events"
        )
        superseded = "select sum(superseded_events) from marts.rpt_data_quality_daily"
        trackers = {name for name in DIALECTS if name in EVENT_DIALECTS}
        assert (everything.query(superseded)[0][0] > 1000) == bool(trackers)
        seen = (
            "select tracker, sum(tracked_orders) from marts.rpt_tracker_coverage_daily group by 1"
        )
        orders = dict(everything.query(seen))
        assert set(orders) == {"web", *trackers}
        assert len(set(orders.values())) == 1
        assert orders["web"] > 50


# Dialects of systems that track events.
EVENT_DIALECTS = ("ga4", "snowplow", "segment")
# What they count is rows as they landed, or what each system saw.
SEES_EVERY_SYSTEM = (*COMPARED_APART, "marts.rpt_tracker_coverage_daily")


def test_each_day_is_counted_by_the_tracker_that_leads_on_it(project: Project) -> None:
    counted = """
        select cast(event_at as date) < date '2025-01-04' as is_before, source_table, count(*) > 100
        from intermediate.int_events_sessionized as events
            inner join (
                select distinct source_file, source_table
                from intermediate.int_event_files_counted
            ) as files on events._source_file = files.source_file
        group by all
        order by all
    """
    with shop_of(project, ["snowplow", "ga4"], 6, 200, "events") as shop:
        shop.build_state()
        assert {row[1:] for row in shop.query(counted)} == {("ga4.events", True)}
        leading = [{"tracker": "ga4", "from": "2025-01-04"}, {"tracker": "snowplow"}]
        shop.build_state(variables={"leading_trackers": leading})
        found = shop.query(counted)
        assert found == [(False, "ga4.events", True), (True, "snowplow.events", True)]
        shop.assert_exact(variables={"leading_trackers": leading}, state_only=True)
        with pytest.raises(BuildError, match="the trackers that are on are web, ga4"):
            shop.build_state(variables={"leading_trackers": ["ga4"]})


def test_the_page_of_sources_lists_what_each_dialect_does_not_carry() -> None:
    page = (PROJECT_ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    rows = page.split("| dialect | table | columns |")[1].split("\n\n")[0].splitlines()[2:]
    listed = [tuple(cell.strip().strip("`") for cell in row.strip("|").split("|")) for row in rows]
    assert listed == [
        (dialect, table, "`, `".join(columns))
        for dialect in DIALECTS
        for table, columns in not_carried(dialect).items()
    ]


def test_a_dialect_that_there_is_not_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="there is no dialect 'matomo'; there are contract, "):
        Dialects(["matomo"])
