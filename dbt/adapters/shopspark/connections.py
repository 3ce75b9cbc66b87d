"""Connections to Spark: its settings, and one statement after another."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from threading import RLock
from typing import Any

import sqlparse
from dbt.adapters.contracts.connection import ConnectionState
from dbt.adapters.spark import SparkConnectionManager, SparkCredentials
from dbt.adapters.spark.connections import SparkConnectionMethod
from dbt_common.exceptions import DbtRuntimeError

from dbt.adapters.shopspark.leftovers import hold
from dbt.adapters.shopspark.sessions import SECRET, SessionHandle, new_session
from shoptrack.hash_key import HashKeyError, hash_key
from shoptrack.landing.zone import ensure_zone, landing_zone
from shoptrack.warehouse import spark_folder

# What the models rely on, whatever a server is set to.
SQL_SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
    "spark.sql.sources.default": "parquet",
    "spark.sql.legacy.createHiveTableByDefault": "false",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.storeAssignmentPolicy": "ANSI",
    # Products keep their scale, as on DuckDB, and fail where they do not fit.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.variant.allowDuplicateKeys": "true",
    # Where the metastore, which others ask too, cannot choose partitions, Spark chooses.
    "spark.sql.hive.metastorePartitionPruningFallbackOnException": "true",
}

# Settings of a whole Spark, which a session cannot change. With caches of their own, sessions go on
# looking for files that another one has replaced, or miss those that it has written.
SERVER_SETTINGS = {
    "spark.sql.filesourceTableRelationCacheSize": "0",
    "spark.sql.hive.filesourcePartitionFileCacheSize": "0",
}

BOOKS = "bookkeeping."
LEDGER = ".int_event_files_counted"  # what every model asks whether a landed file is gone
FINGERPRINT = (
    "select sha2(concat(key, 'fingerprint'), 256)"
    f" from (select reflect('java.lang.System', 'getenv', '{SECRET}') as key)"
)
# By which Java names files: without UTF-8 it does not find those with other letters than ASCII's.
NAMES_OF_FILES = "select reflect('java.lang.System', 'getProperty', 'sun.jnu.encoding')"
_FIT: set[bool] = set()
_TAKING_TURNS = RLock()
OF_THIS_CONNECTION = "set:hiveconf:"  # else a Thrift server leaves its sessions' settings alone
SECONDS_BETWEEN_POLLS = 0.1  # dbt-spark knows whole seconds, which is most of a small statement
# Fixtures are unions of rows, which Spark 4.3 cannot send to its tasks in some adaptive plans.
FIXED_PLANS = "set spark.sql.adaptive.enabled = false"


@dataclass
class ShopsparkCredentials(SparkCredentials):  # type: ignore[misc]
    """The credentials of dbt-spark; `method: session` may name a master or a Connect server."""

    server_side_parameters: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Add the settings that the models rely on; dbt-spark turns ANSI rules off."""
        super().__post_init__()
        settings: dict[str, str] = {**self.server_side_parameters, **SQL_SETTINGS}
        prefix = OF_THIS_CONNECTION if self.method == SparkConnectionMethod.THRIFT else ""
        self.server_side_parameters = {
            prefix + name.removeprefix(prefix): value for name, value in settings.items() if value
        }

    @property
    def type(self) -> str:
        """Name of the adapter."""
        return "shopspark"


class ShopsparkConnectionManager(SparkConnectionManager):  # type: ignore[misc]
    """Runs SQL of several statements one after the other: Spark takes one at a time."""

    TYPE = "shopspark"

    @classmethod
    def open(cls, connection: Any) -> Any:
        """Make the landing zone and hand Spark the key of pseudonyms, then connect.

        Raises DbtRuntimeError in production without a secret key, before anything is touched; where
        another process builds; and where a server was started without what the models need.
        """
        try:
            key = hash_key()
        except HashKeyError as error:
            raise DbtRuntimeError(str(error)) from None
        os.environ[SECRET] = key
        hold(spark_folder())
        ensure_zone(landing_zone())
        if connection.credentials.method == SparkConnectionMethod.SESSION:
            settings = connection.credentials.server_side_parameters
            connection.handle = SessionHandle(new_session(settings, SERVER_SETTINGS))
            connection.state = ConnectionState.OPEN
        else:
            super().open(connection)
            connection.handle.poll_interval = SECONDS_BETWEEN_POLLS
        _refuse_unfit(connection.handle, key)
        if (connection.name or "").startswith("unit_test."):
            connection.handle.cursor().execute(FIXED_PLANS)
        return connection

    def execute(self, sql: str, *args: Any, **kwargs: Any) -> Any:
        """Run SQL and fetch what is asked for, alone where it must be."""
        statements = _statements(sql)
        with _alone(statements) if len(statements) == 1 else nullcontext():
            return super().execute(sql, *args, **kwargs)

    def add_query(self, sql: str, *args: Any, **kwargs: Any) -> Any:
        """Run each statement of `sql`; the cursor of the last one is returned."""
        cursor = None
        for group in _groups(_statements(sql)):
            with _alone(group):
                for statement in group:
                    cursor = super().add_query(statement, *args, **kwargs)
        return cursor


def _statements(sql: str) -> list[str]:
    parts = sqlparse.split(sql) if ";" in sql else [sql]
    return [part.rstrip("; \n") for part in parts if part.strip("; \n")] or [sql]


def _groups(statements: list[str]) -> list[list[str]]:
    """Statements in groups of which nobody may see a part: a table that takes another's place."""
    groups: list[list[str]] = []
    for statement in statements:
        if " rename to " in statement and groups:
            groups[-1].append(statement)
        else:
            groups.append([statement])
    return groups


def _alone(group: list[str]) -> AbstractContextManager[Any]:
    """Lets those take turns that use what nodes read without waiting for each other."""
    first = group[0].lstrip().lower()
    is_swap = len(group) > 1
    is_shared = BOOKS in first or (LEDGER in first and first.startswith("select"))
    return _TAKING_TURNS if is_swap or is_shared else nullcontext()


def _refuse_unfit(handle: Any, key: str) -> None:
    """Asks once a process: every connection brings the same settings to the same Spark."""
    if _FIT:
        return
    for name, wanted in {**SERVER_SETTINGS, **SQL_SETTINGS}.items():
        found = _value(handle, f"set {name}", 1)
        if found != wanted:
            settings = {**SERVER_SETTINGS, name: wanted}
            needed = " ".join(f"--conf {each}={value}" for each, value in settings.items())
            raise DbtRuntimeError(
                f"Spark runs with {name} = {found}, models need {wanted}: start it with {needed}"
            )
    if _value(handle, FINGERPRINT, 0) != sha256(f"{key}fingerprint".encode()).hexdigest():
        raise DbtRuntimeError(
            "Spark does not have the key of pseudonyms that dbt has: start it with the same"
            f" {SECRET} in its environment (docs/spark.md)"
        )
    encoding = _value(handle, NAMES_OF_FILES, 0)
    if encoding != "UTF-8":
        raise DbtRuntimeError(
            f"Spark reads names of files as {encoding}, and would pass over files whose names have"
            " other letters: start it with LC_ALL=C.UTF-8 in its environment (docs/spark.md)"
        )
    _FIT.add(True)


def _value(handle: Any, sql: str, column: int) -> Any:
    cursor = handle.cursor()
    cursor.execute(sql)
    return cursor.fetchall()[0][column]
