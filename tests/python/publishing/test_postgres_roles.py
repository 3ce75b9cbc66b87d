"""Who may do what with the marts in PostgreSQL, and what a load says when it may not."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from shoptrack.cli import app
from shoptrack.public_marts import public_marts
from shoptrack.publishing import PublishError, load_postgres, postgres_url
from shoptrack.publishing.postgres_server import URL_VARIABLE, transaction
from tests.python.publishing.copies import TOTALS, small_copy
from tests.python.publishing.server import Server
from tests.python.test_publishing import make_warehouse

SECRET = "pa55-w0rd"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of ten orders of 5 each."""
    return small_copy(tmp_path / "copy.duckdb")


@pytest.fixture
def bob(server: Server, database: str, copy: Path) -> str:
    """A member of the reader role who logs in over TCP; the URL."""
    load_postgres(copy, server.url(database))
    server.run(database, f"create role bob_{database} login password '{SECRET}'")
    server.run(database, f"grant shoptrack_reader to bob_{database}")
    return server.tcp_url(database, f"bob_{database}", SECRET)


@pytest.fixture
def loader(server: Server, database: str) -> str:
    """A role that may do no more than docs/bi.md asks for: make schemas in the database."""
    role = f"loader_{database}"
    server.run(database, f"create role {role} login")
    server.run(database, f"grant create on database {database} to {role}")
    return role


def refusal(copy: Path, url: str) -> str:
    """Load in vain; return what was said, which is one line."""
    with pytest.raises(PublishError) as caught:
        load_postgres(copy, url)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Readers


@pytest.mark.parametrize(
    "statement",
    [
        "insert into fct_orders values ('x')",
        "update marts.fct_orders set net_sales = 0",
        "delete from marts.fct_orders",
        "truncate marts.fct_orders",
        "drop table marts.fct_orders",
        "alter table marts.fct_orders add column x int",
        "create table marts.mine (x int)",
        "create table public.mine (x int)",
        "create schema mine",
        "create index on marts.fct_orders (net_sales)",
        "comment on table marts.fct_orders is 'mine'",
        "update about.published_copy set build_id = 'x'",
        "delete from about.published_marts",
        "drop schema marts cascade",
    ],
)
def test_a_reader_reads_and_can_change_nothing(bob: str, statement: str) -> None:
    with psycopg.connect(bob, autocommit=True) as connection:
        assert connection.execute(TOTALS.encode()).fetchall() == [(50, 50)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


def test_a_reader_needs_no_schema_before_names(bob: str) -> None:
    with psycopg.connect(bob) as connection:
        assert connection.execute("select count(*) from fct_orders").fetchall() == [(10,)]
        assert connection.execute("show search_path").fetchall() == [('"$user", public, marts',)]
        assert connection.execute("select count(*) from about.published_copy").fetchall() == [(1,)]


def test_who_is_no_member_sees_nothing(server: Server, bob: str, database: str) -> None:
    server.run(database, f"create role eve_{database} login")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for schema"):
        server.rows(database, "select * from marts.fct_orders", f"eve_{database}")


def test_the_reader_role_cannot_log_in_and_has_no_members_of_its_own_accord(
    server: Server, bob: str, database: str
) -> None:
    query = (
        "select rolcanlogin or rolsuper or rolcreaterole or rolcreatedb or rolbypassrls"
        " from pg_roles where rolname = 'shoptrack_reader'"
    )
    assert server.rows(database, query) == [(False,)]


def test_the_reader_role_may_have_another_name(
    server: Server, database: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPTRACK_POSTGRES_READER", "BI readers")
    load_postgres(copy, server.url(database))
    query = "select has_table_privilege('BI readers', 'marts.fct_orders', 'select')"
    assert server.rows(database, query) == [(True,)]
    server.run(database, "grant usage on schema marts to public")
    monkeypatch.setenv("SHOPTRACK_POSTGRES_READER", "new readers")
    load_postgres(copy, server.url(database))
    query = "select has_table_privilege('new readers', 'marts.fct_orders', 'select')"
    assert server.rows(database, query) == [(True,)]
    server.run(database, f"create role eve_{database}")
    query = f"select has_schema_privilege('eve_{database}', 'marts', 'usage')"
    assert server.rows(database, query) == [(True,)]


def test_a_reader_role_that_another_load_makes_at_the_same_time_is_taken_as_it_is(
    server: Server, database: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = f"readers_{database}"
    monkeypatch.setenv("SHOPTRACK_POSTGRES_READER", role)
    failures = []

    def load() -> None:
        try:
            load_postgres(copy, server.url(database))
        except PublishError as error:
            failures.append(str(error))

    waiting = (
        "select 1 from pg_stat_activity where application_name = 'shoptrack publish'"
        f" and datname = '{database}' and wait_event_type = 'Lock'"
    )
    loading = threading.Thread(target=load, daemon=True)
    try:
        with psycopg.connect(server.url()) as other:
            other.execute(f"create role {role} nologin".encode())
            loading.start()
            until = time.monotonic() + 30
            while not server.rows("postgres", waiting):
                assert time.monotonic() < until
                time.sleep(0.02)
    finally:
        if loading.is_alive():
            loading.join()
    assert failures == []
    query = f"select has_table_privilege('{role}', 'marts.fct_orders', 'select')"
    assert server.rows(database, query) == [(True,)]


def test_a_search_path_that_people_chose_stays(server: Server, database: str, copy: Path) -> None:
    server.run(database, f"alter database {database} set search_path = reports")
    load_postgres(copy, server.url(database))
    assert server.rows(database, "show search_path") == [("reports",)]


# Personal columns


def test_no_personal_column_is_in_the_database(server: Server, demo_database: str) -> None:
    personal = {(mart.name, column) for mart in public_marts() for column in mart.personal}
    assert len(personal) > 5
    found = server.rows(
        demo_database,
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'marts'",
    )
    assert len(found) > 700
    assert personal & set(found) == set()


def test_a_copy_with_personal_columns_is_refused(
    server: Server, database: str, tmp_path: Path
) -> None:
    more = "create table dim_customers as select 'c' as customer_id, 1980 as birth_year"
    said = refusal(small_copy(tmp_path / "copy.duckdb", more=more), server.url(database))
    assert said == (
        "PostgreSQL never gets personal columns, and the copy holds dim_customers.birth_year:"
        " publish without --with-personal-columns"
    )
    assert server.rows(database, "select to_regnamespace('marts')") == [(None,)]


# The role that loads


def test_a_role_that_may_only_make_schemas_can_load_and_says_what_is_left_to_do(
    server: Server, database: str, copy: Path, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = f"readers_{database}"
    monkeypatch.setenv("SHOPTRACK_POSTGRES_READER", role)
    notes = load_postgres(copy, server.url(database, loader)).notes
    assert notes == (
        f'nobody reads the marts yet: let an administrator run create role "{role}" nologin, and'
        " publish again",
    )
    server.run(database, notes[0].partition("run ")[2].partition(",")[0])
    [note] = load_postgres(copy, server.url(database, loader)).notes
    statement = f'alter database "{database}" set search_path = "$user", public, marts'
    assert (
        note == f"queries must write marts. before names, until an administrator runs {statement}"
    )
    server.run(database, statement)
    assert load_postgres(copy, server.url(database, loader)).notes == ()
    query = f"select has_table_privilege('{role}', 'marts.fct_orders', 'select')"
    assert server.rows(database, query) == [(True,)]


def test_views_of_others_need_a_membership_that_the_message_asks_for(
    server: Server, database: str, copy: Path, loader: str
) -> None:
    server.run(database, f'alter database {database} set search_path = "$user", marts')
    load_postgres(copy, server.url(database, loader))
    ana = f"ana_{database}"
    server.run(database, f"create role {ana} login in role shoptrack_reader")
    server.run(database, f"create schema {ana} authorization {ana}")
    server.run(database, "create view v as select sum(net_sales) as n from fct_orders", ana)
    said = refusal(copy, server.url(database, loader))
    statement = f'grant "{ana}" to "{loader}"'
    assert said == (
        f'views of others stand on the marts, and the role "{loader}" may not point them at new'
        f" tables: {ana}.v. Let an administrator run: {statement}; or drop the views"
    )
    server.run(database, statement)
    load_postgres(copy, server.url(database, loader))
    assert server.rows(database, f"select n from {ana}.v") == [(50,)]


def test_default_rights_of_the_loader_stay_away_from_materialized_views_of_others(
    server: Server, database: str, copy: Path, loader: str
) -> None:
    load_postgres(copy, server.url(database, loader))
    ana = f"ana_{database}"
    server.run(database, f"create role {ana} login in role shoptrack_reader role {loader}")
    server.run(database, f"create schema {ana} authorization {ana}")
    view = ana + '."it\'s 5 % \\ view"'
    server.run(
        database,
        f"create materialized view {view} as select sum(net_sales) as n from marts.fct_orders;"
        f" grant select on {view} to public",
        ana,
    )
    server.run(database, "alter default privileges grant update on tables to public", loader)
    query = (
        "select relowner::regrole::text, relacl::text from pg_class"
        f" where relkind = 'm' and relnamespace = '{ana}'::regnamespace"
    )
    before = server.rows(database, query)
    load_postgres(copy, server.url(database, loader))
    assert server.rows(database, query) == before
    assert server.rows(database, f"select n from {view}", ana) == [(50,)]


def test_nobody_is_told_to_make_the_loader_an_administrator(
    server: Server, database: str, copy: Path, loader: str
) -> None:
    load_postgres(copy, server.url(database, loader))
    server.run(database, "create view marts.v as select sum(net_sales) as n from marts.fct_orders")
    said = refusal(copy, server.url(database, loader))
    statement = f'alter view marts.v owner to "{loader}"'
    assert f"Let an administrator run: {statement}; or drop the views" in said
    server.run(database, statement)
    load_postgres(copy, server.url(database, loader))
    assert server.rows(database, "select n from marts.v") == [(50,)]


def test_a_role_that_may_not_make_schemas_is_told_where_its_rights_are_written(
    server: Server, database: str, copy: Path
) -> None:
    server.run(database, f"create role nobody_{database} login")
    assert refusal(copy, server.url(database, f"nobody_{database}")) == (
        "PostgreSQL was not loaded, what it held stays: permission denied for database"
        f" {database}. docs/bi.md says which rights the role needs"
    )


# What is wrong with the server or its URL


def test_a_url_may_name_the_application_and_an_encoding(
    server: Server, database: str, tmp_path: Path
) -> None:
    more = "update fct_orders set customer_id = '日本'"
    copy = small_copy(tmp_path / "copy.duckdb", more=more)
    seen = []

    def look(*_: int) -> None:
        query = f"select application_name from pg_stat_activity where datname = '{database}'"
        seen.extend(server.rows("postgres", query))

    url = f"{server.url(database)}&application_name=nightly&client_encoding=latin1"
    load_postgres(copy, url, on_mart=look)
    assert set(seen) == {("nightly",)}
    found = server.rows(database, "select distinct customer_id from marts.fct_orders")
    assert found == [("日本",)]


def test_a_pooler_may_lie_between_because_no_statement_stays_prepared(
    server: Server, database: str
) -> None:
    with transaction(server.url(database)) as connection:
        for _ in range(10):
            connection.execute("select %s", [1])
        query = "select count(*) from pg_prepared_statements"
        assert connection.execute(query).fetchall() == [(0,)]


def test_a_wrong_password_is_not_repeated(server: Server, database: str, copy: Path) -> None:
    said = refusal(copy, server.tcp_url(database, "postgres", SECRET))
    assert 'password authentication failed for user "postgres"' in said
    assert said.endswith("and at host, user and database in SHOPTRACK_PUBLISHED_POSTGRES")
    assert SECRET not in said


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://me:{SECRET}@host/shop",
        f"me:{SECRET}@host/shop",
        f"postgresql://me:{SECRET}@host/shop?nonsense={SECRET}",
        f"postgresql://me:{SECRET}%zz@host/shop",
        f"host=localhost password='{SECRET}",
    ],
)
def test_what_is_no_url_is_not_repeated_and_nothing_is_published(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "copies" / "published.duckdb"
    monkeypatch.setenv("SHOPTRACK_WAREHOUSE", str(make_warehouse(tmp_path / "w.duckdb")))
    monkeypatch.setenv("SHOPTRACK_PUBLISHED", str(target))
    monkeypatch.setenv(URL_VARIABLE, url)
    with pytest.raises(PublishError, match="is no connection URL: write postgresql://user@host"):
        postgres_url()
    result = CliRunner().invoke(app, ["publish"])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert SECRET not in result.output
    assert not target.exists()


def test_a_bad_port_a_silent_server_and_a_missing_database_are_one_line(
    server: Server, copy: Path
) -> None:
    urls = {
        f"postgresql://me:{SECRET}@127.0.0.1:port/shop": 'invalid integer value "port"',
        f"postgresql://me:{SECRET}@127.0.0.1:1/shop": "Connection refused",
        f"postgresql://me:{SECRET}@no-such-host.invalid/shop": "no-such-host.invalid",
        server.url("no_such_database"): 'database "no_such_database" does not exist',
    }
    for url, reason in urls.items():
        said = refusal(copy, url)
        assert reason in said
        assert SECRET not in said


def test_a_database_that_cannot_hold_every_text_is_refused(server: Server, copy: Path) -> None:
    name = server.new_database("encoding 'LATIN1' template template0 locale 'C'")
    said = refusal(copy, server.url(name))
    assert said.startswith(f"the database {name} has the encoding LATIN1, which cannot hold every")


def test_a_server_that_ends_the_connection_is_one_line(
    server: Server, database: str, copy: Path
) -> None:
    def end(*_: int) -> None:
        server.run(
            database,
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'shoptrack publish'",
        )

    with pytest.raises(PublishError) as caught:
        load_postgres(copy, server.url(database), on_mart=end)
    assert "\n" not in str(caught.value)
    assert "what it held stays: terminating connection" in str(caught.value)
    assert server.rows(database, "select to_regnamespace('marts')") == [(None,)]


# The command


def publish(url: str, warehouse: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `shoptrack publish` as people do."""
    environment = {
        **os.environ,
        "SHOPTRACK_WAREHOUSE": str(warehouse),
        "SHOPTRACK_PUBLISHED": str(warehouse.with_name("published.duckdb")),
        URL_VARIABLE: url,
    }
    command = [sys.executable, "-c", "from shoptrack.cli import app; app()", "publish", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_command_loads_what_it_published(server: Server, database: str, tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb")
    done = publish(server.url(database), warehouse)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == (
        f"loaded    3 marts with 18 rows: PostgreSQL {server.folder}:{server.port}/{database}"
    )
    assert server.rows(database, TOTALS) == [(50, 50)]
    columns = (
        "select column_name from information_schema.columns"
        " where table_name = 'dim_customers' order by ordinal_position"
    )
    assert server.rows(database, columns) == [("customer_id",), ("order_count",)]


def test_the_command_says_that_duckdb_has_the_new_and_postgresql_the_old(
    server: Server, database: str, tmp_path: Path
) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb")
    done = publish(server.tcp_url(database, "postgres", SECRET), warehouse)
    assert done.returncode == 1
    assert done.stdout.startswith("published 3 marts")
    assert done.stderr.startswith("shoptrack: PostgreSQL was not loaded, what it held stays: ")
    assert done.stderr.count("\n") == 1
    assert SECRET not in done.stdout + done.stderr


def test_personal_columns_and_postgresql_exclude_each_other(
    server: Server, database: str, tmp_path: Path
) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb")
    done = publish(server.url(database), warehouse, "--with-personal-columns")
    assert done.returncode == 1
    assert done.stderr == (
        "shoptrack: PostgreSQL never gets personal columns: unset SHOPTRACK_PUBLISHED_POSTGRES, or"
        " publish without --with-personal-columns\n"
    )
    assert not warehouse.with_name("published.duckdb").exists()
