"""The PostgreSQL server that marts are published to: where it is, and what its errors mean."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import conninfo, errors

from shoptrack.publishing.errors import PublishError

URL_VARIABLE = "SHOPTRACK_PUBLISHED_POSTGRES"
SCHEMA = "marts"
ABOUT = "about"
OLDEST_VERSION = 14
_CONNECTION_DEFAULTS = {"connect_timeout": 10, "application_name": "shoptrack publish"}
_SETTINGS = (
    "transaction_isolation = 'read committed'",  # who waited for another load sees what it made
    "search_path = pg_catalog",  # every name is written out; so are those in views' definitions
    "datestyle = iso",
    "timezone = 'UTC'",
    "maintenance_work_mem = '256MB'",  # indexes are made of whole tables
    "client_connection_check_interval = '5s'",  # a killed load lets go of the server soon
    "idle_in_transaction_session_timeout = 0",
    "statement_timeout = 0",
    "lock_timeout = 0",
)

Connection = psycopg.Connection[tuple[Any, ...]]


def postgres_url() -> str | None:
    """URL of the database that serves the marts: `SHOPTRACK_PUBLISHED_POSTGRES`, None if unset.

    Raises PublishError where it is no URL. The message never repeats it: it may hold a password.
    """
    url = os.environ.get("SHOPTRACK_PUBLISHED_POSTGRES")
    if url:
        _parsed(url)
    return url or None


def _parsed(url: str) -> dict[str, Any]:
    try:
        return conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        raise PublishError(
            f"{URL_VARIABLE} is no connection URL: write postgresql://user@host:5432/database,"
            " special characters of a password as %40 and the like"
        ) from None


@contextmanager
def transaction(url: str) -> Iterator[Connection]:
    """A connection in a transaction that is committed at the end, if there was no error.

    Settings are made for the transaction only and nothing is prepared, so that a connection pool
    may lie between. Every error of the server becomes a PublishError of one line.
    """
    parameters = _parsed(url)
    try:
        with psycopg.connect(
            **{**_CONNECTION_DEFAULTS, **parameters, "client_encoding": "utf8"},
            autocommit=True,
            prepare_threshold=None,
        ) as connection:
            _refuse_unfit(connection)
            with connection.transaction():
                for setting in _SETTINGS:
                    connection.execute(f"set local {setting}".encode())
                yield connection
    except psycopg.Error as error:
        raise PublishError(describe(error)) from None


def _refuse_unfit(connection: Connection) -> None:
    info = connection.info
    if info.server_version < OLDEST_VERSION * 10_000:
        version = info.server_version // 10_000
        raise PublishError(f"PostgreSQL {version} is too old: {OLDEST_VERSION} or newer is needed")
    encoding = info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise PublishError(
            f"the database {info.dbname} has the encoding {encoding}, which cannot hold every text:"
            " make one with create database … encoding 'UTF8' template template0"
        )


def first_value(connection: Connection, query: str, values: list[str] | None = None) -> object:
    """Return the first value of the first row, or None where there is none."""
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None


def describe(error: psycopg.Error) -> str:
    """Say in one line what the server said, that nothing changed, and what to do."""
    details = [error.diag.message_primary or str(error), error.diag.message_detail or ""]
    said = ": ".join(" ".join(text.split()).rstrip(".") for text in details if text)
    advice = _ADVICE.get(error.sqlstate, "Publish again when that is mended")
    return f"PostgreSQL was not loaded, what it held stays: {said}. {advice}"


_ADVICE = {
    None: f"Look whether the server runs, and at host, user and database in {URL_VARIABLE}",
    errors.InsufficientPrivilege.sqlstate: "docs/bi.md says which rights the role needs",
    errors.DiskFull.sqlstate: "Make room on the server's disk: a load needs it for a second copy",
    errors.DependentObjectsStillExist.sqlstate: "Drop what depends on the marts, publish, and make"
    " it again",
}
