"""A build that is killed at any moment is made good by the next one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from threading import Event
from typing import Any

import pytest
from dbt.cli.main import dbtRunner

from tests.python import warehouse as warehouses
from tests.python.conftest import NewWarehouse
from tests.python.shops import Load, Shop, draw_loads
from tests.python.warehouse import Warehouse

# In about the order in which they are built; the ones that keep state are among them.
NODES = (
    *("known_sources", "stg_landing__files", "stg_web__events"),
    *("int_event_files_arriving", "int_event_copies", "int_events_arrived"),
    *("int_visitor_days_touched", "int_session_boundaries", "int_events_sessionized"),
    *("int_events_rejected", "int_sessions_summarized", "int_session_sources"),
    *("int_rows_checked", "int_file_columns", "int_consents_landed", "int_purchases_superseded"),
    *("int_session_steps", "int_product_events_counted", "int_page_transitions_counted"),
    *("int_event_files_counted", "fct_sessions", "rpt_traffic_daily"),
)
LONGEST_WAIT_SECONDS = 0.3


def late_loads(count: int) -> list[Load]:
    """Loads of which every one touches days of those before it."""
    return draw_loads(Shop(3, 150, 30, count, order="shuffled", dirt=0.1))


def kill(warehouse: Warehouse, node: str, *, full_refresh: bool = False) -> None:
    """Kill a build at a random moment after it began to build a node."""
    seconds = random.uniform(0, LONGEST_WAIT_SECONDS)
    was_killed = warehouse.kill_build(node, seconds, full_refresh=full_refresh)
    print(f"{'killed' if was_killed else 'ended'} {seconds:.3f} s after {node} was started")


def kill_after_each(
    warehouse: Warehouse, loads: Sequence[Load], nodes: Sequence[str], *, full_refresh: bool = False
) -> None:
    """Kill a build after each load; the next load meets what the killed build left."""
    for load, node in zip(loads, nodes, strict=True):
        warehouse.land_files(load)
        kill(warehouse, node, full_refresh=full_refresh)


class Held:
    """Has one model written while another is in its transaction: a listener of dbt."""

    def __init__(self, model: str, until: str) -> None:
        self.model = model
        self.until = until
        self.statements: list[str] = []
        self.is_begun = Event()
        self.is_written = Event()
        self.was_held = False

    def __call__(self, event: Any) -> None:
        """Take an event, in the thread of the node that it is about."""
        kind, node = event.info.name, getattr(event.data, "node_info", None)
        name = node.node_name if node else ""
        if (kind, name) == ("NodeStart", self.until):
            self.is_begun.wait(60)
        elif (kind, name) == ("NodeFinished", self.until):
            self.is_written.set()
        elif (kind, name) == ("SQLQuery", self.model):
            self.statements.append(event.data.sql.rsplit("*/", 1)[-1].strip())
        elif (kind, name) == ("SQLQueryStatus", self.model) and "BEGIN" in self.statements[:-1]:
            # DuckDB sees a database as it is at the first statement after BEGIN.
            self.is_begun.set()
            self.was_held |= not self.is_written.is_set() and self.is_written.wait(60)


def test_a_table_is_continued_beside_the_first_writing_of_the_ledger(
    new_warehouse: NewWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held("int_purchase_events", until="int_event_files_counted")
    with new_warehouse() as warehouse:
        first, second = late_loads(2)
        warehouse.land_files(first)
        warehouse.build(["+int_purchase_events"])  # and no ledger, as if it was killed then
        warehouse.land_files(second)
        monkeypatch.setattr(warehouses, "dbtRunner", partial(dbtRunner, callbacks=[held]))
        warehouse.build(["+int_purchase_events", "+int_event_files_counted"])
        assert held.was_held
        warehouse.build_state()
        warehouse.assert_exact(state_only=True)


def test_killed_builds_are_made_good(new_warehouse: NewWarehouse) -> None:
    loads = late_loads(6)
    with new_warehouse() as warehouse:
        warehouse.file.unlink()
        kill_after_each(warehouse, loads[:1], random.sample(NODES[4:-2], 1))
        warehouse.build_state(with_seeds=True)

        late = ["int_events_sessionized", "int_sessions_summarized", random.choice(NODES[:-2])]
        kill_after_each(warehouse, loads[1:4], random.sample(late, 3))
        warehouse.build_state(with_seeds=True)
        warehouse.assert_exact(state_only=True)

        kill_after_each(warehouse, loads[4:5], random.sample(NODES[4:-2], 1), full_refresh=True)
        warehouse.land_files(loads[5])
        warehouse.build_state(with_seeds=True)
        warehouse.assert_exact(state_only=True)


@pytest.mark.slow
@pytest.mark.parametrize("full_refresh", [False, True])
def test_builds_killed_at_every_node_are_made_good(
    new_warehouse: NewWarehouse, full_refresh: bool
) -> None:
    loads = late_loads(len(NODES) + 1)
    nodes = random.sample(NODES, len(NODES))
    with new_warehouse() as warehouse:
        warehouse.land_files(loads[0])
        warehouse.build_state()
        for first in range(0, len(nodes), 2):
            pair = slice(first, first + 2)
            kill_after_each(warehouse, loads[1:][pair], nodes[pair], full_refresh=full_refresh)
            warehouse.build_state(with_seeds=True)
            warehouse.assert_exact(state_only=True)
        warehouse.build()
        warehouse.assert_exact()
