"""Persons of the demo shop against who is truly behind the identifiers, and the audit of links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from shoptrack.demo import simulate
from shoptrack.hash_key import hash_key
from tests.python.warehouse import Project, Warehouse

DAYS = 60
VISITORS = 6_000
SEEDS = (7, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (11, 23)))
MARTS = ("dim_identities", "fct_identity_links", "dim_persons", "dim_customers", "dim_visitors")

# What is true and what was found under one name of an identifier, hashed where staging hashes it.
COMPARED = """
    create temp table truth as
    select
        concat(identifier_kind, ' ', case
            when identifier_kind in ('visitor', 'customer') then identifier
            else left(sha256(concat({key}, sha256(concat({key}, identifier)))), 32)
        end) as id,
        person,
        is_linked
    from '{zone}/truth_identities.parquet';

    create temp table found as
    select
        concat(identifier_kind, ' ', coalesce(identifier, hashed_address)) as id, person_id, guard
    from marts.dim_identities;

    create temp table true_pairs as
    select
        first.id,
        second.id as other_id,
        bool_or(first.is_linked and second.is_linked) as is_linked
    from truth as first
        inner join truth as second on first.person = second.person and first.id < second.id
    group by all;

    create temp table found_pairs as
    select first.id, second.id as other_id
    from found as first
        inner join found as second on first.person_id = second.person_id and first.id < second.id;
"""


@dataclass(frozen=True)
class Demo:
    """A built demo shop, and a connection to it that knows the tables of COMPARED."""

    warehouse: Warehouse
    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str) -> list[Any]:
        """Rows that a query gives."""
        return list(self.connection.execute(query).fetchall())

    def count(self, table: str) -> int:
        """Number of rows of a table or a join of tables."""
        return int(self.rows(f"select count(*) from {table}")[0][0])


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def demo(
    request: pytest.FixtureRequest,
    parsed_project: Project,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Demo]:
    """A demo shop of one seed, in which people share devices and have several."""
    folder: Path = tmp_path_factory.mktemp("demo")
    warehouse = Warehouse(parsed_project, folder)
    simulate(warehouse.zone, days=DAYS, visitors=VISITORS, seed=request.param)
    warehouse.build([f"+{mart}" for mart in MARTS])
    with warehouse.connection() as connection:
        connection.execute(COMPARED.format(key=f"'{hash_key()}'", zone=warehouse.zone))
        yield Demo(warehouse, connection)


def test_found_pairs_are_true_and_linked_pairs_are_found(demo: Demo) -> None:
    found = demo.count("found_pairs")
    right = demo.count("found_pairs inner join true_pairs using (id, other_id)")
    linked = demo.count("true_pairs where is_linked")
    hit = demo.count("true_pairs inner join found_pairs using (id, other_id) where is_linked")
    print(f"precision {right / found:.4f} of {found}, recall {hit / linked:.4f} of {linked}")
    assert linked > 2_000
    assert right / found >= 0.99
    assert hit / linked >= 0.95


def test_shared_and_second_devices_are_in_the_comparison(demo: Demo) -> None:
    shared = "(select id from truth where is_linked group by id having count(*) > 1)"
    several = """(
        select person from truth where is_linked and id like 'visitor%'
        group by person having count(*) > 1
    )"""
    assert demo.count(shared) >= 3
    assert demo.count(several) >= 3
    assert demo.count(f"found where guard = 'shared device' and id in {shared}") >= 3


def test_no_pair_is_missed_but_those_with_a_shared_device(demo: Demo) -> None:
    shared = "(select id from found where guard = 'shared device')"
    missed = "true_pairs anti join found_pairs using (id, other_id) where is_linked"
    assert demo.count(missed) > 0
    assert demo.count(f"{missed} and id not in {shared} and other_id not in {shared}") == 0


# The audit


WALK = """
    create temp table steps as
    with recursive walk as (
        select identity_id as start_id, identity_id as here_id, 0 as step
        from marts.dim_identities
        union all
        select walk.start_id, identities.linked_through_id as here_id, walk.step + 1 as step
        from walk
            inner join marts.dim_identities as identities on walk.here_id = identities.identity_id
        where identities.linked_through_id is not null
    )

    select * from walk
"""


def test_the_ways_of_any_two_identifiers_of_a_person_meet_and_of_two_persons_never(
    demo: Demo,
) -> None:
    demo.connection.execute(WALK)
    meets = set(
        demo.rows("""
            select first.start_id, second.start_id
            from steps as first
                inner join steps as second
                    on first.here_id = second.here_id and first.start_id < second.start_id
        """)
    )
    persons = demo.rows("""
        select first.identity_id, second.identity_id
        from marts.dim_identities as first
            inner join marts.dim_identities as second
                on first.person_id = second.person_id and first.identity_id < second.identity_id
    """)
    assert len(persons) > 1_500
    assert set(persons) == meets


def test_each_step_is_a_used_link_with_its_evidence(demo: Demo) -> None:
    steps = demo.count("marts.dim_identities where linked_through_id is not null")
    linked = demo.count("""
        marts.dim_identities as identities
            inner join marts.fct_identity_links as links on identities.link_id = links.link_id
        where
            links.is_used
            and links.person_id = identities.person_id
            and links.first_seen_at <= identities.valid_from
            and links.first_seen_at >= identities.linked_at
            and links.evidence_count >= 1
            and links.example is not null
            and least(identities.identity_id, identities.linked_through_id)
            = least(links.identity_id, links.other_identity_id)
            and greatest(identities.identity_id, identities.linked_through_id)
            = greatest(links.identity_id, links.other_identity_id)
    """)
    assert steps == linked > 500


def test_a_link_that_is_not_used_says_why_and_joins_nobody(demo: Demo) -> None:
    held_back = demo.count("marts.fct_identity_links where not is_used")
    explained = demo.count("""
        marts.fct_identity_links as links
            inner join marts.dim_identities as guarded
                on links.guarded_identity_id = guarded.identity_id
            inner join marts.dim_persons as persons on guarded.person_id = persons.person_id
        where
            not links.is_used
            and links.guard = guarded.guard
            and persons.visitor_count + persons.customer_count + persons.contact_count = 1
    """)
    assert held_back == explained > 0


def test_a_session_on_a_shared_device_is_of_the_one_customer_who_showed_up(demo: Demo) -> None:
    """By the stored events themselves, and not by what sessions summarize."""
    shown = demo.rows("""
        select
            sessions.session_id,
            sessions.person_id,
            min(customers.person_id) as expected
        from marts.fct_sessions as sessions
            inner join marts.dim_identities as visitors
                on sessions.visitor_id = visitors.identifier
                and visitors.identifier_kind = 'visitor'
            inner join intermediate.int_events_sessionized as events
                using (visitor_id, session_start_at)
            inner join marts.dim_customers as customers on events.user_id = customers.customer_id
        where visitors.guard = 'shared device'
        group by all
        having count(distinct customers.customer_id) = 1
    """)
    assert len(shown) > 0
    assert [row for row in shown if row[1] != row[2]] == []


def test_every_session_and_order_is_of_one_person_and_sales_add_up(demo: Demo) -> None:
    totals = demo.rows("""
        select
            (select sum(session_count) from marts.dim_persons),
            (select count(*) from marts.fct_sessions),
            (select sum(order_count) from marts.dim_persons),
            (select count(*) from marts.fct_orders where is_sale),
            (select sum(net_sales) from marts.dim_persons),
            (select sum(net_sales_reporting) from marts.fct_orders where is_sale)
    """)[0]
    assert totals[0] == totals[1]
    assert totals[2] == totals[3]
    assert totals[4] == totals[5]
