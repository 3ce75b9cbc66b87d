"""A range of session dates is cut again from the landed files, whatever was done to its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from tests.python.conftest import NewWarehouse
from tests.python.shops import Shop, draw_loads
from tests.python.test_exactness import land_events, tracked
from tests.python.warehouse import SESSIONIZED, BuildError, Warehouse

FIRST, LAST = date(2025, 1, 10), date(2025, 1, 12)
RANGE = {"rebuild_from": str(FIRST), "rebuild_to": str(LAST)}
IN_RANGE = f"session_date between date '{FIRST}' and date '{LAST}'"
SOME = f"{IN_RANGE} and hash(event_id) % 3 = 0"
REJECTED = "intermediate.int_events_rejected"
LEDGER = "intermediate.int_event_files_counted"
SUMMARIZED = "intermediate.int_sessions_summarized"
# Tables derived by day, each with a change that damages it.
DERIVED = {
    SUMMARIZED: "event_count = 99, is_bot = true",
    "intermediate.int_session_sources": "raw_source = 'x'",
    "intermediate.int_session_steps": "closed_at = null",
    "intermediate.int_page_transitions_counted": "sessions = 99",
    "intermediate.int_product_events_counted": "views = 99",
    "intermediate.int_product_purchases_counted": "purchases = 99",
    "intermediate.int_products_viewed": "item_id = 'x'",
    "intermediate.int_cart_events": "quantity = 99, cart_id = 'x'",
    "intermediate.int_funnel_events": "step_value = 99",
    "intermediate.int_funnel_session_steps": "step_value = 99",
    "intermediate.int_purchase_events": "value = 99",
    "marts.fct_sessions": "event_count = 99",
    "marts.rpt_traffic_daily": "sessions = 99",
    "marts.rpt_audience_daily": "visitors = 99",
}


def in_range(table: str) -> str:
    """SQL: whether a row lies in the range; reports call a session's date by another name."""
    return IN_RANGE.replace("session_date", "report_date") if ".rpt_" in table else IN_RANGE


def insert_changed(table: str, where: str, **changes: str) -> str:
    """SQL that adds rows of a table to it again, with other values."""
    values = ", ".join(f"{value} as {name}" for name, value in changes.items())
    return f"insert into {table} select * replace ({values}) from {table} where {where}"


DAMAGE: dict[str, Sequence[str]] = {
    "rows deleted": [f"delete from {SESSIONIZED} where {SOME}"],
    "all rows of a date deleted": [
        f"delete from {SESSIONIZED} where session_date = date '2025-01-11'"
    ],
    "all rows of the range deleted": [f"delete from {SESSIONIZED} where {IN_RANGE}"],
    "what happened changed": [
        f"update {SESSIONIZED} set event_name = 'purchase', value = 1e6, page_path = '/x',"
        f" traffic = null, visit = null where {SOME}"
    ],
    "when and to whom it happened changed": [
        f"update {SESSIONIZED} set event_at = event_at + interval 20 minute where {SOME}",
        f"update {SESSIONIZED} set visitor_id = 'v1' where {IN_RANGE} and visitor_id > 'v5'",
    ],
    "sessions cut elsewhere": [
        f"update {SESSIONIZED} set session_date = date '{LAST}',"
        f" session_start_at = event_at where {SOME}"
    ],
    "rows under another name": [
        f"update {SESSIONIZED} set event_id = event_id || 'x' where {SOME}"
    ],
    "rows from elsewhere, and as if they had landed first": [
        f"update {SESSIONIZED} set _loaded_at = timestamp '2001-01-01', _source_row = 1,"
        f" _source_file = 'nowhere' where {SOME}",
    ],
    "rows added": [
        insert_changed(SESSIONIZED, IN_RANGE, event_id="event_id || 'x'", user_id="'c1'"),
        insert_changed(SESSIONIZED, SOME, event_id="'y' || event_id", visitor_id="'new'"),
    ],
    "rows doubled": [f"insert into {SESSIONIZED} from {SESSIONIZED} where {SOME}"],
    "events of the next date drawn into the range": [
        f"update {SESSIONIZED} set session_date = date '{LAST}'"
        " where session_date = date '2025-01-13'",
    ],
    "derived rows deleted": [f"delete from {name} where {in_range(name)}" for name in DERIVED],
    "derived rows doubled": [
        f"insert into {name} from {name} where {in_range(name)}" for name in DERIVED
    ],
    "derived rows changed": [
        f"update {name} set {change} where {in_range(name)}" for name, change in DERIVED.items()
    ],
    "rejected rows deleted, changed and added": [
        f"delete from {REJECTED} where source_row % 3 = 0",
        f"update {REJECTED} set reason = 'none' where source_row % 3 = 1",
        insert_changed(REJECTED, "source_row % 3 = 2", source_row="source_row + 5000"),
        f"insert into {REJECTED} (source_table, source_file, source_row, loaded_at, reason)"
        f" select 'web.events', source_file, 1, max(loaded_at), 'none' from {LEDGER}"
        " group by source_file having sum(rejected_row_count) = 0",
    ],
    "superseded purchases added": [
        "insert into intermediate.int_purchases_superseded"
        " select distinct source_table, source_file, 1, 't', loaded_at"
        f" from {LEDGER}"
    ],
    "counts of files changed": [f"update {LEDGER} set row_count = 99, late_row_count = 99"],
}


def damage(warehouse: Warehouse, *statements: str) -> None:
    with duckdb.connect(str(warehouse.file)) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture(scope="module")
def shop(new_warehouse: NewWarehouse) -> Iterator[Warehouse]:
    """A shop whose loads are all late, built load by load."""
    with new_warehouse() as warehouse:
        for load in draw_loads(Shop(8, 300, 20, 3, order="shuffled")):
            warehouse.land_files([file for file in load if file.table == "web.events"])
            warehouse.build_state()
        land_events(warehouse, 1, tracked("clean", "2025-01-11 12:00"))
        warehouse.build_state()
        yield warehouse


@pytest.fixture
def damaged(shop: Warehouse, new_warehouse: NewWarehouse) -> Iterator[Warehouse]:
    """A copy of that shop, to be damaged."""
    with new_warehouse() as warehouse:
        warehouse.copy(shop)
        yield warehouse


@pytest.mark.slow
@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_repaired_and_other_days_are_left_alone(
    shop: Warehouse, damaged: Warehouse, kind: str
) -> None:
    before = shop.change_number()
    damage(damaged, *DAMAGE[kind])
    assert damaged.difference(shop, shop.state())
    damaged.build_state(variables=RANGE)
    difference = damaged.difference(shop, shop.state())
    assert not difference, difference
    days = [FIRST + timedelta(days=number) for number in range(5)]
    # The date after the range is cut again because sessions run past midnight; the one after that
    # where events of the next date were drawn into the range.
    neighbours = 5 if "next date" in kind else 4
    assert {*days[:3]} <= damaged.changed_dates(before) <= {*days[:neighbours]}


def test_all_damage_at_once_leaves_no_trace_in_what_is_stored(
    shop: Warehouse, damaged: Warehouse
) -> None:
    damage(damaged, *(statement for kind in DAMAGE.values() for statement in kind))
    changed = damaged.difference(shop, shop.state())
    statements = [statement for kind in DAMAGE.values() for statement in kind]
    hurt = {name for name in shop.state() if any(name in statement for statement in statements)}
    assert {*DERIVED, SESSIONIZED, REJECTED, LEDGER} <= hurt
    assert all(f"{name}: " in changed for name in hurt), changed
    damaged.build_state(variables=RANGE)
    damaged.assert_exact(state_only=True)


def test_what_later_loads_made_of_the_damage_is_repaired(new_warehouse: NewWarehouse) -> None:
    """Late events were cut from damaged days, by builds that believed them."""
    with new_warehouse("events") as warehouse:
        land_events(
            warehouse,
            1,
            tracked("a", "2025-01-09 23:50"),
            *(tracked("b", "2025-01-10 00:10"), tracked("c", "2025-01-12 23:50")),
            *(tracked("d", "2025-01-14 12:00"), tracked("e", "2025-01-11 12:00", "other")),
        )
        warehouse.build_state()
        missing_and_spurious = insert_changed(
            SESSIONIZED, "event_id = 'e'", event_id="'x'", event_at="timestamp '2025-01-12 23:45'"
        )
        damage(
            warehouse,
            f"delete from {SESSIONIZED} where event_id in ('a', 'b', 'c')",
            missing_and_spurious,
        )
        late = (tracked("f", "2025-01-13 00:10"), tracked("g", "2025-01-13 00:05", "other"))
        land_events(warehouse, 2, *late)
        warehouse.build_state()
        land_events(warehouse, 3, tracked("h", "2025-01-12 23:55"), tracked("", "2025-01-12 23:55"))
        warehouse.build_state(variables=RANGE)
        warehouse.assert_exact(state_only=True)


def test_a_session_of_many_days_comes_out_whole(new_warehouse: NewWarehouse) -> None:
    """Its events lie in a file of each date, and its stored rows are all gone."""
    start = datetime(2025, 1, 10, 12)
    moments = [start + timedelta(minutes=25 * number) for number in range(500)]
    with new_warehouse("events") as warehouse:
        for number in range(10):
            day = date(2025, 1, 10 + number)
            rows = [
                tracked(f"r{moment:%d%H%M}", str(moment), "robot")
                for moment in moments
                if moment.date() == day
            ]
            land_events(warehouse, number + 1, *rows, tracked(f"o{day}", f"{day} 12:00", "other"))
        warehouse.build_state()
        before = warehouse.change_number()
        damage(warehouse, f"delete from {SESSIONIZED} where visitor_id = 'robot'")
        one_day = {"rebuild_from": str(FIRST), "rebuild_to": str(FIRST)}
        warehouse.build_state(variables=one_day)
        warehouse.assert_exact(state_only=True)
        assert warehouse.changed_dates(before) == {FIRST}


def test_a_range_without_data_is_an_ordinary_build(damaged: Warehouse) -> None:
    before = damaged.change_number()
    land_events(damaged, 2, tracked("late", "2025-01-08 12:00", "someone"))
    damaged.build_state(variables={"rebuild_from": "1999-01-01", "rebuild_to": "2001-12-31"})
    assert damaged.changed_dates(before) == {date(2025, 1, 8)}
    damaged.assert_exact(state_only=True)


def test_a_range_is_no_matter_to_a_warehouse_that_is_new(new_warehouse: NewWarehouse) -> None:
    with new_warehouse("events") as warehouse:
        warehouse.build_state(variables=RANGE)
        land_events(warehouse, 1, tracked("a", "2025-01-11 12:00"))
        warehouse.build_state(variables=RANGE)
        warehouse.assert_exact(state_only=True)


def test_a_rebuild_of_half_of_the_models_is_not_mixed_with_another_build(
    shop: Warehouse, damaged: Warehouse
) -> None:
    damage(damaged, *DAMAGE["rows deleted"])
    models = damaged.project.state_order()
    damaged.build(["+int_events_arrived"], variables=RANGE)
    with pytest.raises(BuildError, match=r"dbt build --select \+int_visitor_days_touched"):
        damaged.build(models[models.index("int_events_arrived") + 1 :])
    damaged.build(models[models.index("int_events_arrived") + 1 :], variables=RANGE)
    difference = damaged.difference(shop, shop.state())
    assert not difference, difference


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"rebuild_from": "2025-03-01"}, "rebuild_from and rebuild_to belong together"),
        ({"rebuild_to": "2025-03-01"}, "rebuild_from and rebuild_to belong together"),
        (
            {"rebuild_from": "2025-03-02", "rebuild_to": "2025-03-01"},
            r"rebuild_from \(2025-03-02\) is after rebuild_to \(2025-03-01\)",
        ),
        *(
            (
                {"rebuild_from": text, "rebuild_to": "2025-03-01"},
                f"rebuild_from is '{text}', which is not a date: write it like 2025-03-01",
            )
            for text in ("soon", "2025-02-29", "2025-3-1", "20250301", "2025-02-01 10:00", "", 0)
        ),
    ],
)
def test_what_is_no_range_is_said_before_anything_is_built(
    new_warehouse: NewWarehouse, variables: dict[str, Any], message: str
) -> None:
    with new_warehouse("events") as warehouse, pytest.raises(BuildError, match=message):
        warehouse.build(["int_events_arrived"], variables=variables)
