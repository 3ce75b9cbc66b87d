"""What is redone by keys notes what changed; models and tests after it see that, and no more."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.python.conftest import NewWarehouse
from tests.python.shops import Shop, draw_loads
from tests.python.test_exactness import land_events, tracked
from tests.python.warehouse import SESSIONIZED, BuildError, Warehouse

NAME = SESSIONIZED.split(".")[1]
SUMMARIZED = "intermediate.int_sessions_summarized"


@pytest.fixture
def shop(new_warehouse: NewWarehouse) -> Iterator[Warehouse]:
    """A warehouse of two loads, whose data tests passed."""
    with new_warehouse("events") as warehouse:
        land_events(warehouse, 1, tracked("a", "2025-01-01 10:00"))
        warehouse.build_state()
        land_events(warehouse, 2, tracked("b", "2025-01-06 10:00"))
        warehouse.build_state()
        assert warehouse.run_data_tests([NAME]) == 1
        yield warehouse


def execute(warehouse: Warehouse, *statements: str) -> None:
    with duckdb.connect(str(warehouse.file)) as connection:
        for statement in statements:
            connection.execute(statement)


def enter(warehouse: Warehouse, values: str) -> None:
    """Let a copy of event a enter the sessionized events as a build would, with other values."""
    number = warehouse.change_number() + 1
    execute(
        warehouse,
        f"insert into {SESSIONIZED} select * replace ({values}) from {SESSIONIZED}"
        " where event_id = 'a'",
        f"insert into changes.{NAME} by name"
        f" select {number} as change_number, visitor_id, session_date from {SESSIONIZED}",
        f"update bookkeeping.states set change_number = {number} where model_name = '{NAME}'",
    )


@pytest.mark.parametrize("values", ["'another' as visitor_id", "null as event_id"])
def test_a_key_test_finds_what_entered_until_it_passes(shop: Warehouse, values: str) -> None:
    """A second row of a key that is older than what changed, under other keys; or none at all."""
    enter(shop, values)
    for _ in range(2):
        with pytest.raises(BuildError, match=f"primary_key_{NAME}"):
            shop.run_data_tests([NAME])
    execute(shop, f"delete from {SESSIONIZED} where visitor_id = 'another' or event_id is null")
    assert shop.run_data_tests([NAME]) == 1


def test_who_missed_more_changes_than_are_kept_is_built_anew(shop: Warehouse) -> None:
    before = shop.query(
        "select rebuilt_number from bookkeeping.states where model_name = 'int_sessions_summarized'"
    )
    execute(
        shop,
        f"update bookkeeping.states set change_number = change_number + 60"
        f" where model_name = '{NAME}'",
        f"update {SUMMARIZED} set event_count = 99",
    )
    shop.build_state()
    assert before < shop.query(
        "select rebuilt_number from bookkeeping.states where model_name = 'int_sessions_summarized'"
    )
    shop.assert_exact(state_only=True)


def test_a_full_build_in_slices_gives_what_one_in_a_whole_gives(
    new_warehouse: NewWarehouse,
) -> None:
    with new_warehouse() as whole, new_warehouse() as sliced:
        for load in draw_loads(Shop(8, 300, 20, 3, order="shuffled")):
            whole.land_files(load)
        sliced.take(whole.zone, whole.landed())
        whole.build_state()
        sliced.build_state(variables={"events_per_slice": 25})
        days = sliced.query(f"select count(distinct session_date) from {SESSIONIZED}")
        assert days > [(12,)]
        run = sliced.project.folder.glob("target/run/**/int_sessions_summarized.sql")
        assert next(run).read_text().count("insert into") > 10
        assert sliced.difference(whole, whole.state()) == ""


def test_a_change_that_comes_to_nothing_ends_there(shop: Warehouse) -> None:
    """The same events land again, in other files: what stands on them has nothing to do."""
    numbers = {name: shop.change_number(name) for name in (SESSIONIZED, SUMMARIZED)}
    land_events(shop, 3, tracked("a", "2025-01-01 10:00"), tracked("b", "2025-01-06 10:00"))
    shop.build_state()
    assert not any(shop.changed_dates(number, name) for name, number in numbers.items())


def test_events_are_not_cut_when_a_model_before_them_is_not_noted(shop: Warehouse) -> None:
    missing = "model_name = 'int_visitor_days_touched'"
    execute(shop, f"delete from bookkeeping.arrivals where {missing}")
    with pytest.raises(BuildError, match="were not built together"):
        shop.build([NAME])
