"""What a load makes of a published copy in PostgreSQL: the same rows, types, keys, comments."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from shoptrack.public_marts import Mart, public_marts
from shoptrack.publishing import PublishError, load_postgres
from shoptrack.publishing.copied_marts import CopiedColumn
from shoptrack.publishing.postgres_tables import INDEXED_IDS
from shoptrack.publishing.postgres_types import postgres_type
from tests.python.publishing.copies import small_copy, write_copy
from tests.python.publishing.server import Server

MARTS = public_marts()
KEYS = """
    select relname, array_agg(cast(attname as text) order by place)
    from pg_constraint
    inner join pg_class on pg_class.oid = conrelid
    cross join unnest(conkey) with ordinality as key(number, place)
    inner join pg_attribute on attrelid = conrelid and attnum = number and attnotnull
    where contype = 'p' and connamespace = 'marts'::regnamespace
    group by relname
"""
DESCRIPTIONS = """
    select nspname, relname, coalesce(attname, ''), description
    from pg_class
    inner join pg_namespace on pg_namespace.oid = relnamespace
    cross join lateral (
        select null as attname, 0 as attnum
        union all
        select attname, attnum from pg_attribute where attrelid = pg_class.oid and attnum > 0
    ) as parts
    left join pg_description
        on classoid = 'pg_class'::regclass and objoid = pg_class.oid and objsubid = attnum
    where nspname in ('marts', 'about') and relkind = 'r'
"""
INDEXES = """
    select tablename, array_agg(indexdef order by indexname) from pg_indexes
    where schemaname = 'marts' and indexname not like '%_pkey' group by tablename
"""


def in_duckdb(copy: Path, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query on the copy."""
    with duckdb.connect(str(copy), read_only=True) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(query).fetchall()
    return rows


# Rows


@pytest.mark.parametrize("mart", MARTS, ids=lambda mart: mart.name)
def test_every_row_and_column_equals_duckdb(
    mart: Mart, server: Server, demo_copy: Path, demo_database: str
) -> None:
    columns = ", ".join(name for name in mart.columns if name not in mart.personal)
    here = in_duckdb(demo_copy, f"select {columns} from {mart.name}")
    there = server.rows(demo_database, f"select {columns} from marts.{mart.name}")
    assert len(here) == len(there)
    assert Counter(here) - Counter(there) == Counter()


def test_rows_lie_in_the_order_of_the_copy(
    server: Server, demo_copy: Path, demo_database: str
) -> None:
    query = "select session_id from {} order by {}"
    here = in_duckdb(demo_copy, query.format("fct_sessions", "rowid"))
    assert server.rows(demo_database, query.format("marts.fct_sessions", "ctid")) == here


def test_what_is_hard_to_write_as_text_arrives_as_it_was(
    server: Server, database: str, tmp_path: Path
) -> None:
    texts = ["", None, "NULL", "\\N", "\\.", 'a "b", c', "two\nlines\r\n", "\\", "ü 日本 🛒", " x "]
    copy = write_copy(
        tmp_path / "copy.duckdb",
        "create table fct_orders (order_id bigint, country varchar, net_sales double)",
    )
    numbers = [0.1 + 0.2, 1e-300, -0.0, float("inf"), float("-inf"), 1e22, None, 5e-324, 1.0, 2.0]
    rows = list(zip(range(10), texts, numbers, strict=True))
    with duckdb.connect(str(copy)) as connection:
        connection.executemany("insert into fct_orders values (?, ?, ?)", rows)
    load_postgres(copy, server.url(database))
    assert server.rows(database, "select * from marts.fct_orders order by order_id") == rows


def test_a_text_of_one_column_that_ends_a_copy_in_psql_is_a_text(
    server: Server, database: str, tmp_path: Path
) -> None:
    values = "create table rpt_path_conversion as select unnest(['\\.', '', 'b']) as path"
    load_postgres(write_copy(tmp_path / "copy.duckdb", values), server.url(database))
    rows = server.rows(database, "select path from marts.rpt_path_conversion")
    assert sorted(rows) == [("",), ("\\.",), ("b",)]


def test_a_nul_in_a_text_becomes_the_replacement_character(
    server: Server, database: str, tmp_path: Path
) -> None:
    values = "create table fct_orders as select 1 as order_id, 'a' || chr(0) || 'b' as country"
    load_postgres(write_copy(tmp_path / "copy.duckdb", values), server.url(database))
    assert server.rows(database, "select country from marts.fct_orders") == [("a\ufffdb",)]


@pytest.mark.parametrize(
    ("value", "kind", "found"),
    [
        ("[1, null, 3]", "integer[]", [1, None, 3]),
        ("cast([] as varchar[])", "text[]", []),
        ("['a \"b\"', 'c\\d', '{e,f}', '', 'NULL', null]", "text[]", None),
        ("[date '2025-01-31']", "date[]", None),
        ("[cast(1.5 as decimal(9, 2))]", "numeric(9,2)[]", None),
        ("cast(null as double[])", "double precision[]", None),
        ("{'a': 1, 'b': ['x']}", "jsonb", {"a": 1, "b": ["x"]}),
        ("[[1, 2], [3]]", "jsonb", [[1, 2], [3]]),
        ("map {'k': true}", "jsonb", {"k": True}),
        ("cast('{\"a\": 1}' as json)", "jsonb", {"a": 1}),
        ("cast('\\x00\\xFF' as blob)", "bytea", b"\x00\xff"),
        ("cast(170141183460469231731687303715884105727 as hugeint)", "numeric(39,0)", None),
        ("cast(18446744073709551615 as ubigint)", "numeric(20,0)", None),
        ("cast(1.25 as float)", "real", 1.25),
        ("cast(7 as tinyint)", "smallint", 7),
        ("time '12:30:15.25'", "time without time zone", None),
        ("timestamp '2025-01-31 12:30:15.123456'", "timestamp without time zone", None),
        ("timestamptz '2025-01-31 12:30:15+00'", "timestamp with time zone", None),
        ("interval '14 months 3 days'", "interval", None),
        ("cast('00000000-0000-0000-0000-00000000002a' as uuid)", "uuid", None),
        ("cast('b' as enum ('a', 'b'))", "text", "b"),
        ("cast(12345678901234567890.12 as decimal(38, 2))", "numeric(38,2)", None),
    ],
)
def test_types_and_their_values(
    value: str, kind: str, found: object, server: Server, tmp_path: Path
) -> None:
    database = server.new_database()
    copy = write_copy(
        tmp_path / "copy.duckdb", f"create table fct_orders as select 1 as order_id, {value} as v"
    )
    load_postgres(copy, server.url(database))
    [(type_name,)] = server.rows(
        database,
        "select format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = 'marts.fct_orders'::regclass and attname = 'v'",
    )
    assert type_name == kind
    [(stored,)] = server.rows(database, "select v from marts.fct_orders")
    if kind == "interval":
        [(stored,)] = server.rows(database, "select v = '14 months 3 days' from marts.fct_orders")
        assert stored
    else:
        [(original,)] = in_duckdb(copy, "select v from fct_orders")
        assert stored == (original if found is None else found)


def test_a_type_without_a_counterpart_is_refused() -> None:
    with pytest.raises(
        PublishError, match=r"column v has DuckDB's type BIT, .* cast it in the mart"
    ):
        postgres_type(CopiedColumn("v", "BIT", None))


# Keys, indexes, comments


def test_tables_have_the_primary_keys_of_the_marts(server: Server, demo_database: str) -> None:
    found = {name: tuple(key) for name, key in server.rows(demo_database, KEYS)}
    assert found == {mart.name: mart.key for mart in MARTS}


def test_dates_and_ids_that_people_join_by_have_an_index(
    server: Server, demo_database: str
) -> None:
    found = dict(server.rows(demo_database, INDEXES))
    assert [index.rpartition(" ")[2] for index in found["fct_sessions"]] == [
        *("(customer_id)", "(session_date)", "(visitor_id)"),
    ]
    for mart in MARTS:
        wanted = {*mart.dates[:1], *INDEXED_IDS} & {*mart.columns} - {mart.key[0]}
        assert len(found.get(mart.name, [])) == len(wanted), mart.name


def test_a_key_too_long_for_an_index_is_unique_by_its_hash(
    server: Server, database: str, tmp_path: Path
) -> None:
    long = "string_agg(md5(cast(n as varchar)), ' > ')"
    values = f"create table rpt_path_conversion as select {long} as path from range(900) as r(n)"
    load_postgres(write_copy(tmp_path / "copy.duckdb", values), server.url(database))
    assert server.rows(database, "select length(path) from marts.rpt_path_conversion") == [(31497,)]
    with pytest.raises(psycopg.errors.UniqueViolation):
        server.run(
            database,
            "insert into marts.rpt_path_conversion select * from marts.rpt_path_conversion",
        )
    load_postgres(
        tmp_path / "copy.duckdb", server.url(database)
    )  # its index is not taken for a user's
    assert len(server.rows(database, "select * from pg_indexes where schemaname = 'marts'")) == 1


def test_a_copy_whose_key_is_none_is_refused(server: Server, database: str, tmp_path: Path) -> None:
    copy = small_copy(
        tmp_path / "copy.duckdb", more="insert into fct_orders select * from fct_orders"
    )
    with pytest.raises(
        PublishError, match=r"could not create unique index .*Key \(order_id\)="
    ) as e:
        load_postgres(copy, server.url(database))
    assert "\n" not in str(e.value)
    assert server.rows(database, "select to_regnamespace('marts')") == [(None,)]


def test_every_table_and_column_has_the_description_of_dbt(
    server: Server, demo_copy: Path, demo_database: str
) -> None:
    found = {row[:3]: row[3] for row in server.rows(demo_database, DESCRIPTIONS)}
    assert [what for what, text in found.items() if not text] == []
    wanted = {
        ("marts" if schema == "main" else schema, table, column): comment
        for schema, table, column, comment in in_duckdb(
            demo_copy,
            "select schema_name, table_name, '', comment from duckdb_tables() union all"
            " select schema_name, table_name, column_name, comment from duckdb_columns()"
            " where not internal",
        )
        if schema == "main"
    }
    assert len(wanted) > 700
    assert {what: text for what, text in found.items() if what[0] == "marts"} == wanted
    schemas = "select obj_description(cast(cast('{}' as regnamespace) as oid), 'pg_namespace')"
    assert "shoptrack" in server.rows(demo_database, schemas.format("marts"))[0][0]
    assert "marts" in server.rows(demo_database, schemas.format("about"))[0][0]


def test_no_name_is_longer_than_postgresql_takes() -> None:
    names = {name for mart in MARTS for name in (mart.name, *mart.columns)}
    indexes = {
        f"{mart.name}_{column}_idx"
        for mart in MARTS
        for column in {*mart.dates[:1], *INDEXED_IDS, "key"} & {*mart.columns, "key"}
    }
    assert max(len(name.encode()) for name in names | indexes) <= 63


def test_a_longer_name_is_refused(server: Server, database: str, tmp_path: Path) -> None:
    values = f"create table fct_orders as select 1 as order_id, 2 as {'ü' * 32}"
    with pytest.raises(PublishError, match="ü is longer than PostgreSQL's 63 bytes"):
        load_postgres(write_copy(tmp_path / "copy.duckdb", values), server.url(database))


# About the load


def test_the_database_says_what_it_was_made_of(
    server: Server, demo_copy: Path, demo_database: str
) -> None:
    query = "select * from about.published_copy"
    assert server.rows(demo_database, query) == in_duckdb(demo_copy, query)
    counts = dict(server.rows(demo_database, "select * from about.published_marts"))
    assert set(counts) == {mart.name for mart in MARTS}
    assert counts["fct_sessions"] == in_duckdb(demo_copy, "select count(*) from fct_sessions")[0][0]


def test_planner_has_statistics_and_sees_all_rows_at_once(
    server: Server, demo_database: str
) -> None:
    plan = json.dumps(
        server.rows(
            demo_database,
            "explain (analyze, format json) select count(*) from marts.fct_sessions"
            " where session_date > '1900-01-01'",
        )
    )
    assert server.rows(
        demo_database, "select count(*) > 0 from pg_stats where schemaname = 'marts'"
    ) == [(True,)]
    [(pages, visible)] = server.rows(
        demo_database,
        "select relpages, relallvisible from pg_class where oid = 'marts.fct_sessions'::regclass",
    )
    assert pages == visible > 0, plan
