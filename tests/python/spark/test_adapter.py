"""What the adapter does with SQL and with Spark's errors before and after Spark sees them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pytest
from dbt_common.exceptions import DbtRuntimeError

from tests.python.processes import run_python

pytest.importorskip("dbt.adapters.spark", reason="Spark is not installed: `make spark`")

from dbt.adapters.shopspark import connections
from dbt.adapters.shopspark.leftovers import hold
from dbt.adapters.shopspark.python_models import _array
from dbt.adapters.shopspark.sessions import cause_in, new_session
from tests.python.spark.servers import free_port

SWAP = "create table a__next as select 1; drop table if exists a; alter table a__next rename to a"
TRACE = """An error occurred while calling o1.collectToPython.
: org.apache.spark.SparkException: Exception thrown in awaitResult:
\tat org.apache.spark.util.ThreadUtils$.awaitResult(ThreadUtils.scala:401)
Caused by: org.apache.spark.SparkException: [FAILED_READ_FILE] Error while reading file a.parquet.
\tat org.apache.spark.Executor[1].run(Executor.scala:1)
"""


def test_a_table_takes_the_place_of_another_in_one_step() -> None:
    statements = connections._statements(SWAP)
    assert [len(group) for group in connections._groups(statements)] == [1, 2]


def test_a_connect_server_that_is_not_there_is_told_at_once() -> None:
    remote = f"sc://127.0.0.1:{free_port()}"
    with pytest.raises(
        DbtRuntimeError, match=rf"{remote} does not start, or does not answer: .*refused"
    ):
        new_session({"spark.remote": remote}, {})
    with pytest.raises(DbtRuntimeError, match="Port could not be cast"):
        new_session({"spark.remote": "sc://127.0.0.1:port"}, {})


def test_a_semicolon_in_a_text_ends_no_statement() -> None:
    assert connections._statements("select ';' as a") == ["select ';' as a"]
    assert connections._statements("select 1;\n\nselect 2;\n") == ["select 1", "select 2"]


@pytest.mark.parametrize(
    ("group", "takes_turns"),
    [
        (["drop table a", "alter table a__next rename to a"], True),
        (["insert into bookkeeping.states values (1)"], True),
        (["select source_file from intermediate.int_event_files_counted"], True),
        (["create table a as select * from intermediate.int_event_files_counted"], False),
        (["create table a as select 1"], False),
    ],
)
def test_what_nodes_share_is_used_by_one_at_a_time(group: list[str], takes_turns: bool) -> None:
    entered = threading.Event()

    def enter() -> None:
        with connections._alone(group):
            entered.set()

    other = threading.Thread(target=enter)
    with connections._TAKING_TURNS:
        other.start()
        assert entered.wait(0.2) is not takes_turns
    other.join()
    assert entered.is_set()


@pytest.mark.parametrize(("method", "prefix"), [("thrift", "set:hiveconf:"), ("session", "")])
def test_a_connection_brings_the_settings_that_models_need(method: str, prefix: str) -> None:
    given = {"spark.sql.ansi.enabled": "false", "spark.sql.shuffle.partitions": "3"}
    credentials = connections.ShopsparkCredentials(
        method=method, host="h", schema="main", database=None, server_side_parameters=given
    )
    needed = {**connections.SQL_SETTINGS, "spark.sql.shuffle.partitions": "3"}
    brought = {prefix + name: value for name, value in needed.items()}
    assert credentials.server_side_parameters == brought
    credentials.__post_init__()
    assert credentials.server_side_parameters == brought


def test_days_that_come_as_texts_are_days() -> None:
    days = _array(("2025-01-31", None), pa.date32())
    assert days.to_pylist() == [date(2025, 1, 31), None]
    assert _array(("2025-01-31",), pa.string()).to_pylist() == ["2025-01-31"]


def test_of_a_stack_trace_the_line_is_told_that_says_what_happened() -> None:
    expected = "org.apache.spark.SparkException: [FAILED_READ_FILE] Error while reading file"
    assert cause_in(TRACE).startswith(expected)
    stopped = "An error occurred.\n: java.lang.IllegalStateException: It was stopped.\n\tat java"
    assert cause_in(stopped) == "java.lang.IllegalStateException: It was stopped."
    assert cause_in("No route to host\n\tat java.net") == "No route to host"


class Answering:
    """A connection whose queries are answered by how they begin."""

    def __init__(self, answers: dict[str, object]) -> None:
        self.answers = answers
        self.sql = ""

    def cursor(self) -> Answering:
        return self

    def execute(self, sql: str) -> None:
        self.sql = sql

    def fetchall(self) -> list[tuple[object, ...]]:
        return [(self.sql, self.answers[self.sql])[:: -1 if self.sql[:6] == "select" else 1]]


@pytest.mark.parametrize(
    ("question", "answer", "message"),
    [
        (f"set {next(iter(connections.SERVER_SETTINGS))}", "1000", "start it with --conf"),
        ("set spark.sql.ansi.enabled", "false", "--conf spark.sql.ansi.enabled=true"),
        (connections.FINGERPRINT, "of another key", "does not have the key of pseudonyms"),
        (connections.NAMES_OF_FILES, "ANSI_X3.4-1968", "LC_ALL=C.UTF-8"),
    ],
)
def test_a_spark_that_does_not_fit_is_refused(
    question: str, answer: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_FIT", set())
    needed = {**connections.SERVER_SETTINGS, **connections.SQL_SETTINGS}
    fitting: dict[str, object] = {
        **{f"set {name}": value for name, value in needed.items()},
        connections.FINGERPRINT: sha256(b"keyfingerprint").hexdigest(),
        connections.NAMES_OF_FILES: "UTF-8",
    }
    with pytest.raises(DbtRuntimeError, match=message):
        connections._refuse_unfit(Answering({**fitting, question: answer}), "key")
    connections._refuse_unfit(Answering(fitting), "key")


def test_a_warehouse_is_held_by_one_process_and_all_of_its_threads(tmp_path: Path) -> None:
    with ThreadPoolExecutor() as threads:
        list(threads.map(hold, [tmp_path] * 8))
    program = "from pathlib import Path; from dbt.adapters.shopspark.leftovers import hold"
    other = run_python(f"{program}; hold(Path({str(tmp_path)!r}))")
    assert other.returncode == 1
    assert "is in use by another process" in other.stderr
