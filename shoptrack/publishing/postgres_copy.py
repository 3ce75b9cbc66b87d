"""The published marts in PostgreSQL, for tools that need a server: loaded beside, then swapped.

All of a load is one transaction. So readers see the old tables until its end and then the new ones,
and a load that fails or is killed leaves nothing. The schema itself stays, with what others own in
it; only the tables of the load before are replaced.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import psycopg
import pyarrow as pa

from shoptrack.publishing import postgres_kept as kept
from shoptrack.publishing.copied_marts import CopiedMart, copied_marts, opened_copy
from shoptrack.publishing.duckdb_copy import ABOUT_COLUMNS, ABOUT_COMMENT
from shoptrack.publishing.errors import PublishError
from shoptrack.publishing.postgres_readers import let_read
from shoptrack.publishing.postgres_server import (
    ABOUT,
    SCHEMA,
    Connection,
    first_value,
    transaction,
)
from shoptrack.publishing.postgres_tables import load_table
from shoptrack.quoting import literal, quoted

_LOADING = "marts_loading"
_BEFORE = "marts_before"
_SCHEMA_COMMENT = "The public marts of shoptrack; each load replaces its tables"
_ABOUT_COMMENT = "When and from what the tables in the schema marts were made"
_LOAD_LOCK = 6_478_123_001  # any number that means nothing to others
# Readers and the swap may wait for each other, because transactions read marts in any order: the
# swap gives up first, always before PostgreSQL's deadlock_timeout of a second, in which the server
# would cancel one of the two. Many short tries get through where marts are read all the time, and
# later, longer ones where queries take long.
_LOCK_MILLISECONDS = (100, 200, 400, 800)
_TRIES_OF_A_LENGTH = 5

OnMart = Callable[[int, int], None]


@dataclass(frozen=True)
class PostgresCopy:
    """What was loaded: where, rows per mart, and what an administrator may want to do."""

    database: str
    row_counts: dict[str, int]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Patience:
    """How long others are waited for: seconds for another load, tries and pauses for readers.

    The pause grows with the length of the tries; `pause_seconds` is that after the longest.
    """

    load_seconds: float = 600
    swap_tries: int = 40
    pause_seconds: float = 2


def load_postgres(
    copy: Path, url: str, *, patience: Patience = Patience(), on_mart: OnMart | None = None
) -> PostgresCopy:
    """Replace the marts in a PostgreSQL database by those of a published DuckDB copy.

    on_mart is told after each mart how many of how many are loaded. Raises PublishError where
    the copy holds personal columns, the server refuses, people's objects on the marts cannot be
    kept, or readers do not let go of them; nothing has changed then.
    """
    try:
        with transaction(url) as connection:
            _exclude_other_loads(connection, patience)
            # Opened only now: who waited for another load still loads the newest copy.
            with opened_copy(copy) as source:
                return _load(connection, source, patience, on_mart)
    except (duckdb.Error, pa.ArrowException) as error:
        reason = " ".join(str(error).split())
        raise PublishError(f"PostgreSQL was not loaded from the copy {copy}: {reason}") from error


def _load(
    connection: Connection,
    source: duckdb.DuckDBPyConnection,
    patience: Patience,
    on_mart: OnMart | None,
) -> PostgresCopy:
    marts = copied_marts(source)
    _refuse_personal(marts)
    old = _loaded_tables(connection)
    _refuse_foreign(connection, marts, old)
    kept.refuse_unkept(connection, old.values())
    is_new_schema = not first_value(connection, f"select to_regnamespace('{SCHEMA}')")
    row_counts = _load_beside(connection, source, marts, old, on_mart)
    _swap(connection, marts, patience)
    _describe(connection, source, row_counts)
    notes = let_read(connection, list(row_counts), old, is_new_schema=is_new_schema)
    info = connection.info
    return PostgresCopy(f"{info.host}:{info.port}/{info.dbname}", row_counts, tuple(notes))


def _exclude_other_loads(connection: Connection, patience: Patience) -> None:
    deadline = time.monotonic() + patience.load_seconds
    while not first_value(connection, f"select pg_try_advisory_xact_lock({_LOAD_LOCK})"):
        if time.monotonic() > deadline:
            raise PublishError(
                "another load of this PostgreSQL database has not ended for"
                f" {patience.load_seconds:,.0f} s ({_holder(connection)}): wait for it, or end it"
                " with select pg_terminate_backend(pid)"
            )
        time.sleep(min(1, patience.load_seconds / 10))


def _holder(connection: Connection) -> str:
    pids = connection.execute(
        "select pid from pg_locks where locktype = 'advisory' and granted"
        " and (classid::bigint << 32) + objid::bigint = %s and database ="
        " (select oid from pg_database where datname = current_database())",
        [_LOAD_LOCK],
    ).fetchall()
    return f"pid {pids[0][0]}" if pids else "it has just ended"


def _refuse_personal(marts: list[CopiedMart]) -> None:
    """Fail closed: what is loaded by mistake into a server that many read cannot be taken back."""
    personal = [
        f"{mart.name}.{column.name}"
        for mart in marts
        for column in mart.columns
        if column.name in mart.personal
    ]
    if personal:
        raise PublishError(
            f"PostgreSQL never gets personal columns, and the copy holds {', '.join(personal)}:"
            " publish without --with-personal-columns"
        )


def _loaded_tables(connection: Connection) -> dict[str, int]:
    """The oids of the tables that the load before made, by name; those dropped since are absent."""
    if not first_value(connection, f"select to_regclass('{ABOUT}.published_marts')"):
        return {}
    rows = connection.execute(
        f"select relname, pg_class.oid from {ABOUT}.published_marts"
        " inner join pg_class on relname = mart inner join pg_namespace"
        " on pg_namespace.oid = relnamespace"
        f" where nspname = '{SCHEMA}' and relkind = 'r' order by relname".encode()
    ).fetchall()
    return dict(rows)


def _refuse_foreign(connection: Connection, marts: list[CopiedMart], old: dict[str, int]) -> None:
    """Never drop a table that shoptrack did not load."""
    rows = connection.execute(
        "select relname from pg_class inner join pg_namespace on pg_namespace.oid = relnamespace"
        " where nspname = %s and relname = any(%s) order by relname",
        [SCHEMA, [mart.name for mart in marts if mart.name not in old]],
    ).fetchall()
    if rows:
        names = ", ".join(name for (name,) in rows)
        raise PublishError(
            f"the schema {SCHEMA} of this database holds what shoptrack did not load: {names}."
            " Drop it, or name another database"
        )


def _load_beside(
    connection: Connection,
    source: duckdb.DuckDBPyConnection,
    marts: list[CopiedMart],
    old: dict[str, int],
    on_mart: OnMart | None,
) -> dict[str, int]:
    connection.execute(f"create schema {_LOADING}".encode())
    row_counts = {}
    for number, mart in enumerate(marts, 1):
        row_counts[mart.name] = load_table(connection, source, mart, _LOADING)
        if mart.name in old:
            names = (f"{schema}.{mart.name}" for schema in (SCHEMA, _LOADING))
            kept.copy_indexes(connection, old[mart.name], *names)
        if on_mart:
            on_mart(number, len(marts))
    return row_counts


def _swap(connection: Connection, marts: list[CopiedMart], patience: Patience) -> None:
    """Try until no reader is in the way; between tries nobody waits for the swap."""
    for attempt in range(patience.swap_tries):
        length = min(attempt // _TRIES_OF_A_LENGTH, len(_LOCK_MILLISECONDS) - 1)
        milliseconds = _LOCK_MILLISECONDS[length]
        try:
            with connection.transaction():  # a savepoint
                _swap_once(connection, marts, milliseconds)
            return
        except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled):
            time.sleep(patience.pause_seconds * milliseconds / _LOCK_MILLISECONDS[-1])
    raise PublishError(
        f"PostgreSQL was not loaded: its marts are in use without a pause, by {_users(connection)}."
        " Wait for them, or end them with select pg_terminate_backend(pid), and publish again"
    )


def _users(connection: Connection) -> str:
    rows = connection.execute(
        "select distinct format('%%s (pid %%s)', usename, pid)"
        " from pg_locks inner join pg_stat_activity using (pid)"
        " where relation = any(%s) and granted and pid <> pg_backend_pid()",
        [list(_loaded_tables(connection).values())],
    ).fetchall()
    return ", ".join(name for (name,) in rows) or "readers that have just ended"


def _swap_once(connection: Connection, marts: list[CopiedMart], milliseconds: int) -> None:
    old = _loaded_tables(connection)
    _lock(connection, old, milliseconds)
    kept.refuse_unkept(connection, old.values())
    views = kept.dependent_views(connection, old.values())
    rights = [
        statement
        for mart in marts
        if mart.name in old
        for statement in (
            kept.without_rights(f"{SCHEMA}.{mart.name}"),
            *kept.grants(
                connection,
                old[mart.name],
                f"{SCHEMA}.{mart.name}",
                [column.name for column in mart.columns],
            ),
        )
    ]
    materialized = [view for view in views if view.is_materialized]
    again = [(view, kept.take_materialized_view(connection, view)) for view in materialized]
    _exchange(connection, list(old), [mart.name for mart in marts])
    for view in views:
        if not view.is_materialized:
            kept.point_view(connection, view)
    _drop_before(connection, list(old))
    for statement in rights:
        connection.execute(statement.encode())
    for view, statements in again:
        kept.make_materialized_view(connection, view, statements)


def _lock(connection: Connection, old: dict[str, int], milliseconds: int) -> None:
    """Lock the old tables and the views on them, all or none, within one bounded statement.

    Views are locked by giving them the owner that they have: `lock table` would ask for rights
    of the view's owner on the tables below it.
    """
    if not old:
        return
    statements = [
        f"alter {view.kind} {view.name} owner to {quoted(view.owner)};"
        for view in kept.dependent_views(connection, old.values())
        if view.is_ours_to_change
    ]
    tables = ", ".join(f"{SCHEMA}.{quoted(name)}" for name in old)
    statements.append(f"lock table {tables} in access exclusive mode;")
    connection.execute(f"set local statement_timeout = {milliseconds}".encode())
    block = " ".join(("begin", *statements, "end"))
    connection.execute(f"do {literal(block)}".encode())
    connection.execute(b"set local statement_timeout = 0")


def _exchange(connection: Connection, old: list[str], new: list[str]) -> None:
    if old:
        connection.execute(f"create schema {_BEFORE}".encode())
    elif not first_value(connection, f"select to_regnamespace('{SCHEMA}')"):
        connection.execute(f"create schema {SCHEMA}".encode())
        connection.execute(f"comment on schema {SCHEMA} is {literal(_SCHEMA_COMMENT)}".encode())
    moves = [(SCHEMA, name, _BEFORE) for name in old] + [(_LOADING, name, SCHEMA) for name in new]
    for source, name, target in moves:
        connection.execute(f"alter table {source}.{quoted(name)} set schema {target}".encode())
    connection.execute(f"drop schema {_LOADING}".encode())


def _drop_before(connection: Connection, old: list[str]) -> None:
    """Drop the old tables; the server refuses while anything that was not kept depends on them."""
    if old:
        tables = ", ".join(f"{_BEFORE}.{quoted(name)}" for name in old)
        connection.execute(f"drop table {tables}".encode())
        connection.execute(f"drop schema {_BEFORE}".encode())


def _describe(
    connection: Connection, source: duckdb.DuckDBPyConnection, row_counts: dict[str, int]
) -> None:
    """Fill the tables about the load; their rows are replaced, so readers need not let go."""
    connection.execute(_ABOUT_TABLES.encode())
    comments = {f"table {ABOUT}.published_copy": ABOUT_COMMENT} | {
        f"column {ABOUT}.published_copy.{name}": text for name, text in ABOUT_COLUMNS.items()
    }
    for what, text in comments.items():
        connection.execute(f"comment on {what} is {literal(text)}".encode())
    rows = source.execute(
        f"select {', '.join(ABOUT_COLUMNS)} from {ABOUT}.published_copy"
    ).fetchall()
    _replace(connection, "published_copy", rows)
    _replace(connection, "published_marts", list(row_counts.items()))


_ABOUT_TABLES = f"""
    create schema if not exists {ABOUT};
    comment on schema {ABOUT} is {literal(_ABOUT_COMMENT)};
    create table if not exists {ABOUT}.published_copy (
        published_at timestamp not null,
        shoptrack_version text not null,
        build_id text,
        reporting_currency text
    );
    create table if not exists {ABOUT}.published_marts (
        mart text primary key,
        row_count bigint not null
    );
    comment on table {ABOUT}.published_marts is
    'One row per table that shoptrack loaded into the schema {SCHEMA}, and replaces at each load';
    comment on column {ABOUT}.published_marts.mart is 'Name of the table';
    comment on column {ABOUT}.published_marts.row_count is 'Its rows';
    create table if not exists {ABOUT}.reader_roles (
        role regrole primary key
    );
    comment on table {ABOUT}.reader_roles is
    'One row per role that got its first rights to read; those taken from it since stay taken';
    comment on column {ABOUT}.reader_roles.role is 'The role';
"""


def _replace(
    connection: Connection, table: str, rows: list[tuple[str | int | datetime, ...]]
) -> None:
    connection.execute(f"delete from {ABOUT}.{table}".encode())
    places = ", ".join(["%s"] * len(rows[0]))
    with connection.cursor() as cursor:
        cursor.executemany(f"insert into {ABOUT}.{table} values ({places})".encode(), rows)
