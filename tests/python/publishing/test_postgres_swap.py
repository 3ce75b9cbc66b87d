"""A second load: what stays, what is refused, and that readers and killed loads do no harm."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from shoptrack.publishing import PublishError, load_postgres
from shoptrack.publishing.postgres_copy import Patience
from tests.python.publishing.copies import TOTALS, small_copy
from tests.python.publishing.server import Server

IMPATIENT = Patience(load_seconds=0.2, swap_tries=2, pause_seconds=0.1)
LOAD = """
import sys
from pathlib import Path
from shoptrack.publishing import load_postgres
load_postgres(Path(sys.argv[1]), sys.argv[2])
"""
STOPPED_IN_COPY = """
import sys, time
from pathlib import Path
from shoptrack.publishing import load_postgres, postgres_tables
write = postgres_tables._Sink.write
def write_and_wait(sink, data):
    write(sink, data)
    print("copying", flush=True)
    time.sleep(600)
postgres_tables._Sink.write = write_and_wait
load_postgres(Path(sys.argv[1]), sys.argv[2])
"""
OBJECTS = """
    select nspname, relname, relkind from pg_class
    inner join pg_namespace on pg_namespace.oid = relnamespace
    where nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1, 2
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of ten orders of 5 each."""
    return small_copy(tmp_path / "copy.duckdb")


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A copy of ten orders of 7 each."""
    return small_copy(tmp_path / "newer.duckdb", worth=7)


@pytest.fixture
def loaded(server: Server, database: str, copy: Path) -> str:
    """A database with the first copy."""
    load_postgres(copy, server.url(database))
    return database


@pytest.fixture
def ana(server: Server, loaded: str) -> str:
    """An analyst who may read the marts, with a schema of her own in the database."""
    role = f"ana_{loaded}"
    server.run(loaded, f"create role {role} login in role shoptrack_reader")
    server.run(loaded, f"create schema {role} authorization {role}")
    return role


def refusal(server: Server, database: str, copy: Path, role: str = "postgres") -> str:
    """Load in vain: what was said is one line, and nothing changed."""
    objects, totals = server.rows(database, OBJECTS), server.rows(database, TOTALS)
    with pytest.raises(PublishError) as caught:
        load_postgres(copy, server.url(database, role), patience=IMPATIENT)
    assert "\n" not in str(caught.value)
    assert server.rows(database, OBJECTS) == objects
    assert server.rows(database, TOTALS) == totals
    return str(caught.value)


# What stays


def test_rights_that_people_gave_or_took_are_kept(
    server: Server, loaded: str, newer: Path, ana: str
) -> None:
    server.run(
        loaded,
        f"""
        create role "Ben's team";
        grant usage, create on schema marts to "Ben's team";
        grant select, references on marts.fct_orders to "Ben's team" with grant option;
        grant select (net_sales, report_date) on marts.rpt_sales_daily to {ana};
        grant select on marts.rpt_sales_daily to public;
        revoke select on marts.fct_orders from shoptrack_reader;
        """,
    )
    # As text and sorted: the order within an access list means nothing.
    rights = """
        select relname, attname, cast(rights as text) as rights from pg_class
        inner join pg_namespace on pg_namespace.oid = relnamespace
        cross join lateral (
            select '' as attname, unnest(relacl) as rights
            union all
            select attname, unnest(attacl) from pg_attribute where attrelid = pg_class.oid
            union all
            select 'schema', unnest(nspacl)
        ) as parts
        where nspname in ('marts', 'about') and relkind = 'r' order by 1, 2, 3
    """
    before = server.rows(loaded, rights)
    load_postgres(newer, server.url(loaded))
    assert server.rows(loaded, rights) == before
    assert server.rows(loaded, TOTALS) == [(70, 70)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        server.rows(loaded, "select * from marts.fct_orders", ana)


@pytest.mark.parametrize(
    "taken",
    [
        "revoke usage on schema marts from shoptrack_reader",
        "revoke all on schema about from shoptrack_reader",
        "revoke select on all tables in schema marts from shoptrack_reader",
    ],
)
def test_rights_taken_from_the_reader_role_do_not_come_back(
    server: Server, loaded: str, newer: Path, ana: str, taken: str
) -> None:
    server.run(loaded, taken)
    query = """
        select nspname, relname, has_schema_privilege('shoptrack_reader', nspname, 'usage'),
        has_table_privilege('shoptrack_reader', pg_class.oid, 'select') from pg_class
        inner join pg_namespace on pg_namespace.oid = relnamespace
        where nspname in ('marts', 'about') and relkind = 'r' order by 1, 2
    """
    before = server.rows(loaded, query)
    assert any(False in row for row in before[1:])
    for _ in range(2):
        load_postgres(newer, server.url(loaded))
        assert server.rows(loaded, query) == before


def test_marts_that_were_dropped_with_their_schema_can_be_read_again(
    server: Server, loaded: str, newer: Path, ana: str
) -> None:
    server.run(loaded, "drop schema marts cascade")
    load_postgres(newer, server.url(loaded))
    assert server.rows(loaded, TOTALS, ana) == [(70, 70)]


def test_default_rights_of_the_loader_give_nobody_what_was_taken(
    server: Server, loaded: str, newer: Path, ana: str
) -> None:
    server.run(
        loaded,
        f"""
        create materialized view {ana}.stored as select * from marts.fct_orders;
        alter materialized view {ana}.stored owner to {ana};
        create role "Eve's team_{loaded}";
        alter default privileges grant select, update on tables
        to public, "Eve's team_{loaded}", shoptrack_reader;
        """,
    )
    rights = f"""
        select relname, array_agg(cast(rights as text) order by cast(rights as text))
        from pg_class
        inner join pg_namespace on pg_namespace.oid = relnamespace
        left join unnest(relacl) as rights
            on not starts_with(cast(rights as text), pg_get_userbyid(relowner) || '=')
        where relkind in ('r', 'm') and nspname in ('marts', '{ana}')
        group by 1 order by 1
    """
    before = server.rows(loaded, rights)
    assert len(before) == 3
    load_postgres(newer, server.url(loaded))
    assert server.rows(loaded, rights) == before


def test_a_new_mart_can_be_read_at_once_and_one_that_is_gone_is_dropped(
    server: Server, loaded: str, ana: str, tmp_path: Path
) -> None:
    more = "create table dim_products as select 'v' as variant_id; drop table rpt_sales_daily;"
    load_postgres(small_copy(tmp_path / "more.duckdb", more=more), server.url(loaded))
    assert server.rows(loaded, "select * from marts.dim_products", ana) == [("v",)]
    assert server.rows(loaded, "select to_regclass('marts.rpt_sales_daily')") == [(None,)]


VIEWS = """
    create view "Her sales" with (security_barrier = true, check_option = local) as
    select order_date as "on", net_sales from marts.fct_orders as o where net_sales > 1;
    comment on view "Her sales" is 'it''s hers';
    comment on column "Her sales"."on" is 'the day';
    grant select ("on") on "Her sales" to shoptrack_reader;
    create view on_it as select sum(net_sales) as total from "Her sales";
    grant select on on_it to public;
    create view joined as
    select order_id, customer_id, orders.net_sales, days.currency
    from fct_orders as orders
    inner join rpt_sales_daily as days on days.report_date = orders.order_date;
    create view by_key as
    select order_id, customer_id, count(*) as n from fct_orders group by order_id;
    create materialized view stored with (fillfactor = 90) as
    select customer_id, sum(net_sales) as total from fct_orders group by customer_id;
    create unique index stored_by_customer on stored (customer_id);
    comment on materialized view stored is 'kept';
    comment on column stored.total is 'sum';
    grant select on stored to shoptrack_reader;
    create materialized view not_filled as select * from rpt_sales_daily with no data;
"""
KEPT = """
    select
        relname, relkind, relispopulated, rolname, cast(reloptions as text), cast(relacl as text),
        pg_get_viewdef(pg_class.oid), obj_description(pg_class.oid, 'pg_class'),
        (select array_agg(pg_get_indexdef(indexrelid)) from pg_index where indrelid = pg_class.oid),
        (
            select array_agg((attname, cast(attacl as text), col_description(attrelid, attnum))
            order by attnum)::text from pg_attribute where attrelid = pg_class.oid and attnum > 0
        )
    from pg_class inner join pg_roles on pg_roles.oid = relowner
    where relkind in ('v', 'm') and relnamespace = '{}'::regnamespace
    order by relname
"""


def test_views_on_the_marts_are_kept_as_they_were_and_show_the_new_rows(
    server: Server, loaded: str, newer: Path, ana: str
) -> None:
    server.run(loaded, VIEWS, ana)
    before = server.rows(loaded, KEPT.format(ana))
    assert len(before) == 6
    for _ in range(2):
        load_postgres(newer, server.url(loaded))
        assert server.rows(loaded, KEPT.format(ana)) == before
    assert server.rows(loaded, "select total from on_it", ana) == [(70,)]
    assert server.rows(loaded, "select sum(total) from stored", ana) == [(70,)]
    assert len(server.rows(loaded, "select * from joined", ana)) == 10
    assert len(server.rows(loaded, "select * from by_key", ana)) == 10


def test_what_others_own_in_the_schema_stays(server: Server, loaded: str, newer: Path) -> None:
    server.run(
        loaded,
        "create table marts.targets as select 1 as id; create view marts.mine as"
        " select * from marts.fct_orders; comment on schema marts is 'ours'",
    )
    load_postgres(newer, server.url(loaded))
    assert server.rows(loaded, "select id from marts.targets") == [(1,)]
    assert server.rows(loaded, "select sum(net_sales) from marts.mine") == [(70,)]
    assert server.rows(
        loaded, "select obj_description('marts'::regnamespace::oid, 'pg_namespace')"
    ) == [("ours",)]


def test_an_index_that_people_made_is_kept(server: Server, loaded: str, newer: Path) -> None:
    server.run(loaded, "create index by_worth on marts.fct_orders (net_sales desc) where true")
    query = "select indexdef from pg_indexes where schemaname = 'marts' order by indexname"
    before = server.rows(loaded, query)
    for _ in range(2):
        load_postgres(newer, server.url(loaded))
        assert server.rows(loaded, query) == before
    assert any("by_worth" in definition for (definition,) in before)


# What is refused


def test_a_view_that_does_not_fit_the_new_tables_is_named(
    server: Server, loaded: str, ana: str, tmp_path: Path
) -> None:
    server.run(loaded, "create view v as select net_sales from fct_orders", ana)
    gone = small_copy(tmp_path / "gone.duckdb", more="alter table fct_orders drop net_sales")
    assert refusal(server, loaded, gone) == (
        f'the view {ana}.v of "{ana}" does not fit the new tables: column fct_orders.net_sales does'
        " not exist. Change or drop it, and publish again"
    )
    other_type = "alter table fct_orders alter net_sales type double"
    changed = small_copy(tmp_path / "changed.duckdb", more=other_type)
    assert "cannot change data type of view column" in refusal(server, loaded, changed)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "create policy own on marts.fct_orders using (true)",
            "would lose what was added to its tables: policy own of marts.fct_orders",
        ),
        (
            "alter table marts.fct_orders enable row level security",
            "lose what was added to its tables: row level security of marts.fct_orders. Drop",
        ),
        (
            "alter table marts.fct_orders add constraint positive check (net_sales > 0)",
            "lose what was added to its tables: constraint positive of marts.fct_orders. Drop",
        ),
        (
            "alter table marts.fct_orders add constraint once unique (order_id, customer_id)",
            "lose what was added to its tables: constraint once of marts.fct_orders. Drop",
        ),
        (
            "create table people (id text primary key);"
            " insert into people select distinct customer_id from marts.fct_orders;"
            " alter table marts.fct_orders add constraint who"
            " foreign key (customer_id) references people",
            "lose what was added to its tables: constraint who of marts.fct_orders. Drop",
        ),
        (
            "alter table marts.fct_orders add constraint apart exclude (order_id with =)",
            "lose what was added to its tables: constraint apart of marts.fct_orders. Drop",
        ),
        (
            "create rule quiet as on delete to marts.fct_orders do instead nothing",
            "lose what was added to its tables: rule quiet of marts.fct_orders. Drop",
        ),
        (
            "create table refs (id text references marts.fct_orders)",
            "constraint refs_id_fkey on table public.refs depends on table",
        ),
        (
            "create function f() returns numeric begin atomic"
            " select sum(net_sales) from marts.fct_orders; end",
            "function public.f() depends on",
        ),
        (
            "create materialized view m as select * from marts.fct_orders;"
            " create view on_m as select * from m",
            "view public.on_m depends on materialized view public.m",
        ),
    ],
)
def test_what_cannot_be_kept_is_named_and_nothing_is_lost(
    server: Server, loaded: str, newer: Path, statement: str, said: str
) -> None:
    server.run(loaded, statement)
    message = refusal(server, loaded, newer)
    assert said in message
    assert "Drop" in message


def test_a_table_that_shoptrack_did_not_load_is_never_dropped(
    server: Server, database: str, copy: Path
) -> None:
    server.run(database, "create schema marts; create table marts.fct_orders as select 1 as one")
    with pytest.raises(PublishError, match="holds what shoptrack did not load: fct_orders"):
        load_postgres(copy, server.url(database))
    assert server.rows(database, "select * from marts.fct_orders") == [(1,)]


# Readers


def test_readers_never_meet_an_error_or_half_of_a_load(
    server: Server, loaded: str, copy: Path, newer: Path, ana: str
) -> None:
    server.run(loaded, "create view v as select sum(net_sales) as total from fct_orders", ana)
    stop, seen, failures = threading.Event(), [], []

    def read() -> None:
        try:
            with psycopg.connect(server.url(loaded, ana)) as connection:
                while not stop.is_set():
                    with connection.transaction():
                        [row] = connection.execute(TOTALS.encode()).fetchall()
                        [view] = connection.execute("select total from v").fetchall()
                    seen.append((*row, *view))
                    time.sleep(0.01)
        except psycopg.Error as error:
            failures.append(error)

    readers = [threading.Thread(target=read, daemon=True) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for number in range(6):
            source = copy if number % 2 else newer
            load_postgres(source, server.url(loaded), patience=Patience(pause_seconds=0.5))
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert failures == []
    assert {tuple(map(int, row)) for row in seen} == {(50, 50, 50), (70, 70, 70)}


def test_a_snapshot_older_than_the_load_does_not_see_empty_tables(
    server: Server, loaded: str, newer: Path
) -> None:
    with psycopg.connect(server.url(loaded)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert connection.execute("select 1").fetchall() == [(1,)]
        load_postgres(newer, server.url(loaded))
        assert connection.execute(TOTALS.encode()).fetchall() == [(70, 70)]


@contextmanager
def reading(server: Server, database: str, role: str) -> Iterator[psycopg.Connection]:
    """Somebody who has read in a transaction that does not end."""
    with psycopg.connect(server.url(database, role)) as connection:
        connection.execute(TOTALS.encode())
        yield connection


def test_a_reader_who_does_not_end_is_named_and_not_cancelled(
    server: Server, loaded: str, newer: Path, ana: str
) -> None:
    with reading(server, loaded, ana) as connection:
        message = refusal(server, loaded, newer)
        pid = connection.info.backend_pid
        assert f"in use without a pause, by {ana} (pid {pid}). Wait" in message
        assert connection.execute(TOTALS.encode()).fetchall() == [(50, 50)]
    load_postgres(newer, server.url(loaded))
    assert server.rows(loaded, TOTALS) == [(70, 70)]


def test_a_load_waits_for_a_reader_who_ends_and_others_read_meanwhile(
    server: Server, loaded: str, newer: Path, ana: str
) -> None:
    def load() -> None:
        load_postgres(newer, server.url(loaded), patience=Patience(pause_seconds=0.1))

    loading = threading.Thread(target=load, daemon=True)
    try:
        with reading(server, loaded, ana):
            loading.start()
            until = time.monotonic() + 4  # several tries
            while time.monotonic() < until:
                assert server.rows(loaded, TOTALS, ana) == [(50, 50)]
            assert loading.is_alive()
    finally:
        if loading.is_alive():
            loading.join()
    assert server.rows(loaded, TOTALS, ana) == [(70, 70)]


# Processes


def test_a_load_killed_while_it_copies_leaves_nothing_and_the_next_is_clean(
    server: Server, loaded: str, newer: Path
) -> None:
    before = server.rows(loaded, OBJECTS)
    command = [sys.executable, "-c", STOPPED_IN_COPY, str(newer), server.url(loaded)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "copying\n"
        os.kill(process.pid, signal.SIGKILL)
    load_postgres(newer, server.url(loaded))
    assert server.rows(loaded, OBJECTS) == before
    assert server.rows(loaded, TOTALS) == [(70, 70)]


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read"])
def test_loads_at_once_follow_one_another(
    server: Server, database: str, copy: Path, isolation: str
) -> None:
    setting = f"default_transaction_isolation = '{isolation}'"
    server.run(database, f"alter database {database} set {setting}")
    command = [sys.executable, "-c", LOAD, str(copy), server.url(database)]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert server.rows(database, TOTALS) == [(50, 50)]


def test_another_load_that_does_not_end_is_named(server: Server, loaded: str, newer: Path) -> None:
    command = [sys.executable, "-c", STOPPED_IN_COPY, str(newer), server.url(loaded)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "copying\n"
        [(pid,)] = server.rows(
            loaded, "select pid from pg_stat_activity where application_name = 'shoptrack publish'"
        )
        message = refusal(server, loaded, newer)
        process.kill()
    assert f"another load of this PostgreSQL database has not ended for 0 s (pid {pid})" in message
