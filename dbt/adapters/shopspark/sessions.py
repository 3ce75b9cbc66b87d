"""Connections of `method: session`: a Spark session each, of this process or a Connect server."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from dbt.adapters.spark.connections import SparkConnectionWrapper
from dbt_common.exceptions import DbtRuntimeError

_STARTING = Lock()
SECRET = "SHOPTRACK_HASH_KEY"
CONNECT_PORT = 15002
FOR_NAMES_OF_FILES = {"LC_ALL": "C.UTF-8"}  # else Java sees only those in ASCII


class SessionHandle(SparkConnectionWrapper):  # type: ignore[misc]
    """What dbt takes for a connection, and for its cursor: one session, one query at a time."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._frame: Any = None

    def cursor(self) -> SessionHandle:
        """A cursor of its own for every query."""
        return SessionHandle(self._session)

    def execute(self, sql: str, bindings: Any = None) -> None:
        """Run a statement; a query runs when its rows are asked for."""
        with _told_to_dbt():
            self._frame = self._session.sql(sql.strip().rstrip(";"))

    def fetchall(self) -> list[Any]:
        """All rows."""
        with _told_to_dbt():
            return list(self._frame.collect()) if self._frame is not None else []

    def fetchmany(self, size: int) -> list[Any]:
        """The first rows."""
        return list(self._frame.take(size))

    def fetchone(self) -> Any:
        """The first row, or None."""
        return next(iter(self._frame.take(1)), None)

    @property
    def description(self) -> list[tuple[Any, ...]]:
        """Name and type of every column, as DB-API describes them."""
        if self._frame is None:
            return []
        return [
            (field.name, field.dataType.simpleString(), None, None, None, None, field.nullable)
            for field in self._frame.schema.fields
        ]

    def close(self) -> None:
        """Nothing to close: the sessions of a process share one Spark."""

    def cancel(self) -> None:
        """Stop what is running."""
        self._session.interruptAll()

    def rollback(self, *args: Any, **kwargs: Any) -> None:
        """Spark has no transactions."""


def new_session(settings: Mapping[str, str], of_server: Mapping[str, str]) -> Any:
    """A session with its own settings and temporary views; the first one starts Spark.

    of_server: settings of the Spark that is started; one that runs already has its own. Raises
    DbtRuntimeError where Spark does not start, or its master or server does not answer.
    """
    from pyspark.sql import SparkSession  # noqa: PLC0415  (only where it is installed)

    remote = settings.get("spark.remote")
    where = remote or settings["spark.master"]
    with _STARTING, _told_to_dbt(f"Spark at {where} does not start, or does not answer: "):
        builder = SparkSession.builder
        if remote:
            _knock(remote)
            own = {name: value for name, value in settings.items() if name.startswith("spark.sql.")}
            return builder.remote(remote).config(map=own).create()
        _start({**settings, **of_server})
        return builder.getOrCreate().newSession()


def _knock(remote: str) -> None:
    """Raises OSError where nobody listens at sc://host:port, as pyspark would try for ten minutes,
    and ValueError where the port is no number.
    """
    address = urlsplit(remote)
    socket.create_connection((address.hostname or "", address.port or CONNECT_PORT), 5).close()


def _start(settings: Mapping[str, str]) -> None:
    """Start Spark where this process has none yet.

    Settings stand on the command line of its JVM, where everybody on the machine reads them. What
    is secret is in the environment of this process, which the JVM inherits; executors elsewhere
    are given it once the JVM is up.
    """
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415  (only where it is installed)

    if SparkContext._active_spark_context is not None:
        return
    os.environ.update(FOR_NAMES_OF_FILES)
    seen = {
        **settings,
        "spark.sql.catalogImplementation": "hive",
        "spark.redaction.regex": f"(?i)secret|password|token|access[.]?key|{SECRET}",
    }
    conf = SparkConf().setAppName("shoptrack").setAll(list(seen.items()))
    SparkContext(conf=conf, environment={**FOR_NAMES_OF_FILES, SECRET: os.environ[SECRET]})


@contextmanager
def _told_to_dbt(prefix: str = "") -> Iterator[None]:
    """Spark's error as one of dbt, without the plan of the query and the calls inside the JVM."""
    from py4j.protocol import Py4JError  # noqa: PLC0415  (only where it is installed)
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except PySparkException as error:
        message = str(error).partition("\n\nJVM stacktrace:")[0].partition(";\n'")[0]
        hint = " Is `java` version 17?" if "JAVA_GATEWAY_EXITED" in message else ""
        raise DbtRuntimeError(prefix + message + hint) from error
    except Py4JError as error:
        raise DbtRuntimeError(prefix + cause_in(str(error))) from error
    except (OSError, ValueError) as error:  # nobody answers, or the address is none
        raise DbtRuntimeError(f"{prefix}{error}") from error


def cause_in(trace: str) -> str:
    """The line of a JVM's stack trace that says most: Spark's last error, else the first one."""
    lines = [line for line in trace.splitlines() if not line.lstrip().startswith("at ")]
    of_spark = [line for line in lines if "org.apache.spark" in line and "[" in line]
    raised = [line for line in lines if line.startswith(": ")]
    said = of_spark[-1:] or raised[:1] or lines[:1]
    return said[0].removeprefix("Caused by: ").removeprefix(": ")
