"""Incremental builds give the marts of one full refresh of the same files, row for row."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from shoptrack.contract import find_table
from shoptrack.demo import simulate
from tests.python.conftest import NewWarehouse
from tests.python.shops import Load, Shop, draw_loads, shops
from tests.python.warehouse import (
    SESSIONIZED,
    VARS_THAT_ARE_NO_RULES,
    BuildError,
    Project,
    Warehouse,
)

Row = dict[str, Any]
Variables = Mapping[str, Any]

some = settings(
    max_examples=int(os.environ.get("SHOPTRACK_EXAMPLES", "3")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def tracked(event_id: str, at: str, visitor: str = "visitor", **columns: str) -> Row:
    """Raw row of a page view; its browser tells which event a session took its visit from."""
    row = {"event_id": event_id, "event_at": at, "visitor_id": visitor, "event_name": "page_view"}
    address = f"https://shop.example/{event_id}"
    return {**row, "page_url": address, "browser": f"browser of {event_id}", **columns}


def land_events(warehouse: Warehouse, number: int, *rows: Row) -> None:
    """Land events as the file of a day."""
    warehouse.land("web.events", rows, f"{number}.csv", datetime(2025, 2, number))


def changes(warehouse: Warehouse) -> dict[str, list[Any]]:
    """What changed in each table that is redone by keys, since it was last written whole."""
    names = warehouse.query("select model_name from bookkeeping.states order by model_name")
    return {name: warehouse.query(f"from changes.{name} order by all") for (name,) in names}


# Any data, any split


@dataclass(frozen=True)
class Step:
    """What follows a load: a build that stops after so many models, and what is done about it.

    A build that is killed or fails has built some of the models, each after those it stands on.
    The next one starts again, or goes on with the other models as `dbt retry` does, or waits: then
    the next load meets what the stopped build left. None: the build is complete.
    """

    stops_after: int | None
    then: Literal["starts again", "goes on", "waits"]

    def build(self, warehouse: Warehouse, variables: Variables) -> None:
        models = warehouse.project.state_order(warehouse.held)
        stops_after = self.stops_after or 0
        if stops_after:
            warehouse.build(models[:stops_after], variables=variables)
        if not stops_after or self.then == "starts again":
            warehouse.build(models, variables=variables)
        elif self.then == "goes on" and models[stops_after:]:
            warehouse.build(models[stops_after:], variables=variables)


steps = st.builds(
    Step,
    stops_after=st.one_of(st.none(), st.integers(1, 60)),
    then=st.sampled_from(["starts again", "goes on", "waits"]),
)


@some
@given(
    shop=shops(),
    timezone=st.sampled_from(["UTC", "America/New_York", "Europe/Berlin"]),
    bot_events=st.sampled_from([500, 6]),
    plan=st.lists(steps, min_size=8, max_size=8),
)
def test_any_split_into_loads_gives_the_marts_of_one_full_refresh(
    new_warehouse: NewWarehouse, shop: Shop, timezone: str, bot_events: int, plan: list[Step]
) -> None:
    variables = {
        "store_timezone": timezone,
        "session_timeout_seconds": shop.timeout,
        "bot_session_events": bot_events,
        "minimum_audience_size": 2,
        "cart_recovery_window_days": 12,  # so that windows end within the shop's days
        "message_response_days": 3,
    }
    with new_warehouse() as warehouse:
        for load, step in zip(draw_loads(shop), plan, strict=False):
            warehouse.land_files(load)
            step.build(warehouse, variables)
        warehouse.build(variables=variables)
        builds = {change[0] for change in changes(warehouse)["int_events_sessionized"]}
        event(f"rows written by {'several builds' if builds else 'one build'}")
        warehouse.assert_exact(variables=variables)


@pytest.mark.slow
def test_sixty_daily_loads_give_the_marts_of_one_full_refresh(
    new_warehouse: NewWarehouse, tmp_path: Path
) -> None:
    simulate(tmp_path, days=60, visitors=1_500, seed=11)
    days = landed_by_day(tmp_path)
    assert len(days) >= 60
    with new_warehouse() as warehouse:
        for number, files in enumerate(days.values(), start=1):
            warehouse.take(tmp_path, files)
            if number % 10 and number < len(days):
                warehouse.build_state()
            else:
                warehouse.build()
        assert len({change[0] for change in changes(warehouse)["int_events_sessionized"]}) > 20
        warehouse.assert_exact()


def landed_by_day(zone: Path) -> dict[Any, list[Path]]:
    """Landed files of a zone by the day they carry as their load time, in order."""
    query = f"""
        select cast(_loaded_at as date), filename
        from read_parquet('{zone}/*/*/*.parquet', union_by_name = true, filename = true)
        group by all order by all
    """
    days: dict[Any, list[Path]] = {}
    with duckdb.connect() as connection:
        for day, file in connection.execute(query).fetchall():
            days.setdefault(day, []).append(Path(file).relative_to(zone))
    return days


# Cases that were thought of or found, each on days and with visitors of its own


@dataclass(frozen=True)
class Case:
    """Raw events by load, and how many sessions they make. A moment is a day and a time."""

    sessions: int
    loads: dict[int, Sequence[Row]]


EARLY = 3  # lands last and carries a load time before all others
FILE_NAMES = ("events.csv", "late.parquet", 'it\'s "an" export ü (1).jsonl', "early.csv")
CASES = {
    "a late event joins two sessions over midnight": Case(
        2,
        {
            0: [tracked("a", "1 23:50"), tracked("c", "2 00:40"), tracked("d", "5 00:00")],
            2: [tracked("b", "2 00:15")],
        },
    ),
    "a day loses its last session to the day before": Case(
        1, {0: [tracked("a", "2 00:10")], 2: [tracked("b", "1 23:45")]}
    ),
    "a session moves to the day before, and others of its day stay": Case(
        2,
        {
            0: [tracked("a", "2 00:10"), tracked("x", "2 12:00", "other")],
            1: [tracked("b", "1 23:50")],
            2: [tracked("y", "2 11:50", "other")],
        },
    ),
    "gaps on both sides of the timeout": Case(
        3,
        {
            0: [
                tracked("a", "1 10:00"),
                tracked("c", "1 11:00:00.001"),
                tracked("e", "1 12:00:02"),
            ],
            1: [tracked("b", "1 10:30")],
            2: [tracked("d", "1 11:30:00.001")],
        },
    ),
    "two late events join what neither joins alone": Case(
        1,
        {
            0: [tracked("a", "1 23:00"), tracked("d", "2 00:30")],
            2: [tracked("b", "1 23:30"), tracked("c", "2 00:00")],
        },
    ),
    "a load of old and new events": Case(
        3,
        {
            0: [tracked("a", "1 10:00"), tracked("b", "9 10:00")],
            2: [tracked("c", "1 10:10"), tracked("d", "9 10:10"), tracked("e", "5 10:00")],
        },
    ),
    "a displaced event held a session of two days together": Case(
        3,
        {
            0: [tracked(f"a{n}", f"1 {n * 25 // 60}:{n * 25 % 60}") for n in range(80)],
            EARLY: [tracked("a40", "8 12:00")],
        },
    ),
    "a displaced event goes to another visitor": Case(
        3,
        {
            0: [tracked("a", "1 10:00"), tracked("b", "1 10:20"), tracked("c", "1 10:40")],
            1: [tracked("x", "1 10:20", "other")],
            EARLY: [tracked("b", "1 10:40", "other")],
        },
    ),
    "a displaced copy is itself displaced": Case(
        2,
        {
            0: [tracked("a", "1 10:00"), tracked("b", "1 10:10")],
            2: [tracked("b", "2 10:10")],
            EARLY: [tracked("b", "3 10:10")],
        },
    ),
    "a copy that landed later changes nothing": Case(
        1,
        {
            0: [tracked("a", "1 10:00"), tracked("b", "1 10:20")],
            1: [tracked("a", "1 10:00"), tracked("b", "3 10:20")],
            2: [tracked("b", "1 10:20", "other", event_name="purchase")],
        },
    ),
    "events at midnight": Case(
        2,
        {
            0: [tracked("a", "2 00:00:00"), tracked("b", "3 00:00:00")],
            1: [tracked("c", "1 23:30:00"), tracked("d", "2 23:30:00")],
        },
    ),
    "the epoch is a day like any other": Case(1, {0: [tracked("a", "1970-01-01 00:00:00")]}),
    "it's a visitor's \"id\"; --": Case(
        1, {0: [tracked("a", "1 10:00")], 2: [tracked("b", "1 10:10")]}
    ),
    "rejected rows, and columns that no contract knows": Case(
        1,
        {
            0: [tracked("", "1 10:10", alpha="1", Zeta="2"), tracked("a", "1 10:00")],
            1: [tracked("b", "soon", zeta="3", Beta="4"), tracked("c", "2199-01-01 00:00")],
            2: [tracked("b", "1 10:20", Alpha="5")],
        },
    ),
    "a purchase comes again days later, in an earlier session": Case(
        2,
        {
            0: [tracked("a", "3 10:00", event_name="purchase", transaction_id="t", value="5")],
            2: [tracked("b", "1 10:00", event_name="purchase", transaction_id="t", value="5")],
        },
    ),
    "the first event of a session comes last": Case(
        1,
        {
            0: [tracked("a", "1 10:20"), tracked("b", "1 10:30", utm_source="later")],
            2: [tracked("c", "1 10:00", page_referrer="https://blog.example/", country="FR")],
        },
    ),
}


def dated(rows: Sequence[Row], case: str, first_day: datetime) -> Iterator[Row]:
    """Rows of a case with the ids, the visitors and the days of that case."""
    for row in rows:
        moment = re.fullmatch(r"(\d) (\d+):(\d+):?([\d.]*)", row["event_at"])
        at = row["event_at"]
        if moment:
            day, hour, minute, seconds = (float(part or 0) for part in moment.groups())
            span = timedelta(days=day, hours=hour, minutes=minute, seconds=seconds)
            at = (first_day + span).isoformat(" ")
        event_id = f"{row['event_id']} {first_day:%j}" if row["event_id"] else ""
        visitor = f"{case}: {row['visitor_id']}"
        yield {**row, "event_id": event_id, "event_at": at, "visitor_id": visitor}


@pytest.fixture(scope="module")
def cases(new_warehouse: NewWarehouse) -> Iterator[Warehouse]:
    """All cases, built load by load, with a build that finds nothing new in between."""
    with new_warehouse() as warehouse:
        for number, name in enumerate(FILE_NAMES):
            rows: list[Row] = []
            for position, (sentence, case) in enumerate(CASES.items()):
                first_day = datetime(2024, 1, 1) + timedelta(days=12 * position)
                rows += dated(case.loads.get(number, ()), sentence, first_day)
            loaded_at = datetime(2025, 1, 1) if number == EARLY else datetime(2025, 1, 9 + number)
            warehouse.land("web.events", rows, name, loaded_at)
            if number == 1:
                warehouse.land("web.events", rows[:3], "copies only.csv", loaded_at)
                bad = [row for row in rows if not row["event_at"].startswith("2024")]
                assert bad
                warehouse.land("web.events", bad, "rejected only.csv", loaded_at)
            warehouse.build_state()
            if number == 0:
                warehouse.build_state()
        warehouse.build()
        yield warehouse


def test_the_cases_give_the_marts_of_one_full_refresh(cases: Warehouse) -> None:
    cases.assert_exact()


@pytest.mark.parametrize("case", CASES)
def test_a_case_has_its_sessions(cases: Warehouse, case: str) -> None:
    visitors = "'" + case.replace("'", "''") + ": '"
    sessions = cases.query(
        f"select session_id from marts.fct_sessions where starts_with(visitor_id, {visitors})"
    )
    assert len(sessions) == CASES[case].sessions


def test_a_build_without_new_files_changes_nothing(cases: Warehouse) -> None:
    marts, changed = cases.read(cases.marts()), changes(cases)
    cases.build()
    again = cases.read(cases.marts())
    for name, rows in marts.items():
        assert sorted(map(str, rows.to_pylist())) == sorted(map(str, again[name].to_pylist()))
    assert changes(cases) == changed


# What a build does to the warehouse that it finds


def test_a_late_event_rewrites_its_session_only(new_warehouse: NewWarehouse) -> None:
    with new_warehouse("events") as warehouse:
        days = [tracked(f"d{day}", f"2025-01-{day:02} 23:50", f"v{day}") for day in range(1, 21)]
        land_events(warehouse, 1, *days)
        warehouse.build_state()
        before = warehouse.change_number()
        land_events(warehouse, 2, tracked("late", "2025-01-08 00:10", "v7"))
        warehouse.build_state()
        assert warehouse.changed_dates(before) == {date(2025, 1, 7)}
        warehouse.assert_exact(state_only=True)


def test_a_shop_may_begin_with_nothing_then_orders_then_events(new_warehouse: NewWarehouse) -> None:
    loads = draw_loads(Shop(5, 12, 8, 2, order="shuffled"))
    files = [file for load in loads for file in load]
    with new_warehouse() as warehouse:
        warehouse.build_state()
        warehouse.land_files([file for file in files if file.table.startswith("shop.")])
        warehouse.build_state()
        land_events(warehouse, 1, tracked("", "2025-01-01 10:00"))
        warehouse.build_state()
        warehouse.land_files([file for file in files if file.table.startswith("web.")])
        warehouse.build()
        warehouse.assert_exact()


@pytest.mark.parametrize(
    ("name", "value"), [("session_timeout_seconds", 600), ("store_timezone", "America/New_York")]
)
def test_a_changed_rule_rebuilds_what_is_stored(
    new_warehouse: NewWarehouse, cases: Warehouse, name: str, value: Any
) -> None:
    with new_warehouse() as warehouse:
        warehouse.copy(cases)
        warehouse.build_state(variables={name: value})
        warehouse.assert_exact(variables={name: value}, state_only=True)
        assert warehouse.difference(cases, warehouse.state())


def test_a_late_link_joins_two_persons_and_reassigns_their_past_sessions(
    new_warehouse: NewWarehouse,
) -> None:
    def order(order_id: str, at: str, visitor: str) -> Row:
        return {
            "order_id": order_id,
            "ordered_at": at,
            "visitor_id": visitor,
            "customer_id": "c",
            "email": "c@shop.example",
            "total": "10",
        }

    sessions = "select visitor_id, person_id, is_person_known from marts.fct_sessions order by all"
    of_persons = ("fct_orders", "dim_customers", "dim_visitors", "dim_identities")
    with new_warehouse() as warehouse:
        read = [f"+{mart}" for mart in ("fct_sessions", *of_persons)]
        read += warehouse.project.state_order()
        visits = [tracked("a", "2025-01-01 10:00", "phone"), tracked("b", "2025-01-02 10:00", "pc")]
        land_events(warehouse, 1, *visits)
        orders = [order("1", "2025-01-02 10:00", "pc")]
        warehouse.land("shop.orders", orders, "1.csv", datetime(2025, 2, 1))
        warehouse.build(read)
        (pc, of_pc, pc_known), (phone, of_phone, phone_known) = warehouse.query(sessions)
        assert (pc, pc_known, phone, phone_known) == ("pc", True, "phone", False)
        assert of_pc != of_phone
        late = [order("2", "2025-01-05 10:00", "phone")]
        warehouse.land("shop.orders", late, "2.csv", datetime(2025, 2, 2))
        warehouse.build(read)
        assert warehouse.query(sessions) == [("pc", of_phone, True), ("phone", of_phone, False)]
        persons = "select distinct person_id from marts.{}"
        for mart in of_persons:
            assert warehouse.query(persons.format(mart)) == [(of_phone,)]
        warehouse.assert_exact(state_only=True)


def test_a_landed_file_that_is_gone_leaves_no_rows(built: Warehouse) -> None:
    first, *_ = (file for file in built.landed() if file.name.startswith("1.csv"))
    (built.zone / first).unlink()
    built.build_state()
    assert built.query(f"select event_id from {SESSIONIZED}") == [("b",)]
    built.assert_exact(state_only=True)


def test_a_landed_file_of_the_shop_that_is_gone_takes_its_rows_along(
    new_warehouse: NewWarehouse,
) -> None:
    order = {"order_id": "o", "ordered_at": "2025-01-01 10:00", "total": "20"}
    order |= {"customer_id": "by order"}
    line = {"order_id": "o", "product_id": "p", "unit_price": "10"}
    with new_warehouse() as warehouse:
        warehouse.land("shop.orders", [order], "o.csv", datetime(2025, 2, 1))
        for number in (1, 2):
            lines = [{**line, "order_line_id": name, "quantity": str(number)} for name in "ab"]
            customers = [{"customer_id": f"c{number}"}, {"customer_id": "both"}]
            at = datetime(2025, 2, number)
            warehouse.land("shop.order_lines", lines[: 3 - number], f"{number}.csv", at)
            warehouse.land("shop.customers", customers, f"{number}.csv", at)
            warehouse.build_state()
        lines_sold = "select order_line_id, quantity from intermediate.int_order_lines_priced"
        customers_known = "select customer_id from intermediate.int_customers_known order by all"
        assert sorted(warehouse.query(lines_sold)) == [("a", 2), ("b", 1)]
        for file in warehouse.landed():
            if file.name.startswith("2.csv"):
                (warehouse.zone / file).unlink()
        warehouse.build_state()
        assert sorted(warehouse.query(lines_sold)) == [("a", 1), ("b", 1)]
        assert warehouse.query(customers_known) == [("both",), ("by order",), ("c1",)]
        assert warehouse.change_number("intermediate.int_order_lines_priced") == 3
        warehouse.assert_exact(state_only=True)


def test_every_var_that_stored_rows_depend_on_is_a_rule(parsed_project: Project) -> None:
    rules = re.findall(r"'(\w+)'", parsed_project.macro("rule_vars"))
    used = parsed_project.variables(parsed_project.stateful_models())
    assert {"session_timeout_seconds", "store_timezone", "source_timezone"} <= used
    assert used - VARS_THAT_ARE_NO_RULES <= set(rules)


def test_overlapping_files_change_no_number(new_warehouse: NewWarehouse) -> None:
    """Exports that hold the rows of the export before them again add nothing.

    Left out are the marts that count copies and rejected rows as they landed.
    """
    loads = one_row_per_key(draw_loads(Shop(1, 200, 100, 3, order="shuffled", dirt=0)))
    with new_warehouse() as plain, new_warehouse() as overlapping:
        before: dict[str, pa.Table] = {}
        for load in loads:
            plain.land_files(load)
            for file in load:
                rows = [*filter(None, [before.get(file.table)]), file.rows]
                both = pa.concat_tables(rows, promote_options="default")
                overlapping.land(file.table, both, file.file_name, file.loaded_at)
                assert not overlapping.land(file.table, both, "again.csv", file.loaded_at).is_new
                before[file.table] = file.rows
            overlapping.build_state()
        overlapping.build()
        plain.build()
        as_landed = {
            f"marts.{name}"
            for name in ("fct_rejected_rows", "rpt_data_quality_daily", "rpt_schema_drift")
        }
        marts = [name for name in plain.marts() if name not in as_landed]
        assert plain.query("select count(*) from marts.fct_sessions where net_revenue > 0") > [(9,)]
        difference = overlapping.difference(plain, marts)
    assert not difference, difference


def one_row_per_key(loads: Sequence[Load]) -> list[Load]:
    """Keep the first row of each key, so that no two rows disagree.

    Columns that the contract does not know go: of two files they may differ in case alone.
    """
    seen: set[tuple[str, ...]] = set()
    kept = []
    for load in loads:
        files = []
        for file in load:
            key = find_table(file.table).key
            known = [column.name for column in find_table(file.table).columns]
            rows = []
            for row in file.rows.to_pylist():
                values = (file.table, *(str(row[column]) for column in key))
                rows.append(values not in seen)
                seen.add(values)
            names = [name for name in file.rows.column_names if name in known]
            files.append(replace(file, rows=file.rows.filter(pa.array(rows)).select(names)))
        kept.append([file for file in files if file.rows.num_rows])
    return kept


# Builds that stop half-way, and builds of some of the models


@pytest.fixture(scope="module")
def two_loads(new_warehouse: NewWarehouse) -> Iterator[Warehouse]:
    """A warehouse of two loads, five days apart."""
    with new_warehouse("events") as warehouse:
        land_events(warehouse, 1, tracked("a", "2025-01-01 10:00"))
        warehouse.build_state()
        land_events(warehouse, 2, tracked("b", "2025-01-06 10:00"))
        warehouse.build_state()
        yield warehouse


@pytest.fixture
def built(two_loads: Warehouse, new_warehouse: NewWarehouse) -> Iterator[Warehouse]:
    """A copy of that warehouse."""
    with new_warehouse("events") as warehouse:
        warehouse.copy(two_loads)
        yield warehouse


def test_a_file_whose_events_were_stored_by_a_build_that_stopped_is_not_stored_twice(
    built: Warehouse,
) -> None:
    land_events(built, 3, tracked("c", "2025-01-06 10:10"), tracked("", "2025-01-06 10:10"))
    built.build(["+int_events_sessionized"])
    land_events(built, 4, tracked("d", "2025-01-06 10:20"))
    built.build_state()
    built.assert_exact(state_only=True)


@pytest.mark.parametrize("model", ["int_visitor_days_touched", "int_session_boundaries"])
def test_sessions_are_cut_from_all_arrived_events_or_not_at_all(
    built: Warehouse, model: str
) -> None:
    land_events(built, 3, tracked("c", "2025-01-06 10:10"))
    built.build(["+int_events_arrived"])
    if model == "int_session_boundaries":
        with pytest.raises(BuildError, match=r"dbt build --select \+int_session_boundaries"):
            built.build([model])
    else:
        built.build([model, "int_session_boundaries", "int_events_sessionized"])
    built.build_state()
    built.assert_exact(state_only=True)


@pytest.mark.parametrize(
    "options", [{"full_refresh": True}, {"variables": {"session_timeout_seconds": 60}}]
)
def test_sessionized_events_are_not_rebuilt_in_full_from_the_last_increment(
    built: Warehouse, options: dict[str, Any]
) -> None:
    with pytest.raises(BuildError, match=r"dbt build --select \+int_events_sessionized"):
        built.build(["int_events_sessionized"], **options)
    built.build(["int_events_sessionized"])
    built.build_state(**options)
    built.assert_exact(variables=options.get("variables"), state_only=True)


def test_the_ledger_leaves_out_files_that_are_not_stored(built: Warehouse) -> None:
    land_events(built, 3, tracked("c", "2025-01-06 10:10"), tracked("", "2025-01-06 10:10"))
    built.build(["stg_landing__files", "stg_web__events"])
    built.build(["int_event_files_counted"])
    assert built.query("select count(*) from intermediate.int_event_files_counted") == [(2,)]
    built.build_state()
    built.assert_exact(state_only=True)
