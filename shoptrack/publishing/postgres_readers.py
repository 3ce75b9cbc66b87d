"""Who may read the marts in PostgreSQL: members of a role that can change nothing."""

from __future__ import annotations

import os

import psycopg

from shoptrack.publishing.postgres_server import ABOUT, SCHEMA, Connection, first_value
from shoptrack.quoting import literal, quoted


def reader_role() -> str:
    """Role that may read the marts: `SHOPTRACK_POSTGRES_READER`, or `shoptrack_reader`."""
    return os.environ.get("SHOPTRACK_POSTGRES_READER") or "shoptrack_reader"


def let_read(
    connection: Connection, marts: list[str], old: dict[str, int], *, is_new_schema: bool
) -> list[str]:
    """Let the reader role read what is new; return what only an administrator can do.

    A role gets its first rights once. After that, rights on the schemas and on tables that were
    there before are as people left them.
    """
    role, notes = reader_role(), []
    if not first_value(
        connection, "select 1 from pg_roles where rolname = %s", [role]
    ) and not _allowed(connection, f"create role {quoted(role)} nologin"):
        return [
            "nobody reads the marts yet: let an administrator run"
            f" create role {quoted(role)} nologin, and publish again"
        ]
    if is_new_schema:
        connection.execute(f"revoke all on schema {SCHEMA}, {ABOUT} from public".encode())
    is_known = not is_new_schema and _had_first_grants(connection, role)
    if not is_known:
        connection.execute(_first_grants(quoted(role)).encode())
    if new := [name for name in marts if not is_known or name not in old]:
        tables = ", ".join(f"{SCHEMA}.{quoted(name)}" for name in new)
        connection.execute(f"grant select on {tables} to {quoted(role)}".encode())
    # Behind public, so that nothing of a shared database gets another meaning.
    path = f'set search_path = "$user", public, {SCHEMA}'
    setting = f"alter database {quoted(connection.info.dbname)} {path}"
    if not _has_search_path(connection) and not _allowed(connection, setting):
        notes.append(
            f"queries must write {SCHEMA}. before names, until an administrator runs {setting}"
        )
    return notes


def _first_grants(role: str) -> str:
    return f"""
        grant usage on schema {SCHEMA}, {ABOUT} to {role};
        grant select on {ABOUT}.published_copy, {ABOUT}.published_marts to {role};
        insert into {ABOUT}.reader_roles values (cast({literal(role)} as regrole))
        on conflict do nothing;
    """


def _had_first_grants(connection: Connection, role: str) -> bool:
    query = f"select 1 from {ABOUT}.reader_roles where role = cast(%s as regrole)"
    return bool(first_value(connection, query, [quoted(role)]))


def _has_search_path(connection: Connection) -> bool:
    return bool(
        first_value(
            connection,
            "select 1 from pg_db_role_setting, unnest(setconfig) as setting where setrole = 0"
            " and setdatabase = (select oid from pg_database where datname = current_database())"
            " and starts_with(setting, 'search_path=')",
        )
    )


def _allowed(connection: Connection, statement: str) -> bool:
    try:
        with connection.transaction():
            connection.execute(statement.encode())
    except psycopg.errors.InsufficientPrivilege:
        return False
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        pass  # a load into another database of the server was faster
    return True
