"""A copy of the project that is served as `make ui` serves it, and what a test does with it."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import psutil
import requests

from shoptrack.contract import PROJECT_ROOT

COPIED = (
    *("models", "macros", "seeds", "tests/singular", "tests/generic", "orchestration", "shoptrack"),
    *("dbt_project.yml", "profiles.yml", "pyproject.toml"),
)
FINISHED = ("SUCCESS", "FAILURE", "CANCELED")
RUNS = "{runsOrError{... on Runs{results{runId status jobName parentRunId tags{key value}}}}}"
RUN = "query($id: ID!){runOrError(runId: $id){... on Run{status}}}"
EVENTS = """query($id: ID!, $after: String){logsForRun(runId: $id, afterCursor: $after){
    ... on EventConnection{cursor hasMore events{__typename ... on MessageEvent{message}
    ... on ExecutionStepFailureEvent{failureMetadata{description}}
    ... on MaterializationEvent{assetKey{path}}
    ... on AssetCheckEvaluationEvent{evaluation{checkName success severity assetKey{path}}}}}}}"""
ASSETS = """{assetNodes{isMaterializable assetKey{path} assetMaterializations(limit: 1){runId}
    assetChecksOrError{... on AssetChecks{checks{name}}}}}"""
SCHEDULES = """{schedulesOrError(repositorySelector: {
    repositoryName: "__repository__", repositoryLocationName: "shoptrack"
}){... on Schedules{results{id name scheduleState{status}}}}}"""
STOP_SCHEDULE = """mutation($id: String!){stopRunningSchedule(id: $id){__typename
    ... on PythonError{message}}}"""
LAUNCH = """mutation($given: ExecutionParams!){launchRun(executionParams: $given){__typename
    ... on LaunchRunSuccess{run{runId}} ... on PythonError{message}
    ... on RunConfigValidationInvalid{errors{message}}}}"""


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def copy_project(folder: Path) -> None:
    """Copy all that a build needs, so that a test may change it."""
    for name in COPIED:
        source, target = PROJECT_ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)


@dataclass
class Served:
    """A served project; everything it writes lies in its folder."""

    folder: Path
    port: int = field(default_factory=free_port)
    webhook: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Settings that keep all inside the folder."""
        return {
            **os.environ,
            "DAGSTER_HOME": str(self.folder / "data" / "dagster"),
            "PYTHONPATH": str(self.folder),
            "SHOPTRACK_ALERT_WEBHOOK": self.webhook,
            "SHOPTRACK_INBOX": str(self.inbox),
            "SHOPTRACK_LANDING": str(self.zone),
            "SHOPTRACK_PUBLISHED": str(self.published),
            "SHOPTRACK_UI_PORT": str(self.port),
            "SHOPTRACK_WAREHOUSE": str(self.warehouse),
        }

    @property
    def inbox(self) -> Path:
        """Folder that exports are dropped into."""
        return self.folder / "data" / "inbox"

    @property
    def zone(self) -> Path:
        """Landing zone."""
        return self.folder / "data" / "landing"

    @property
    def warehouse(self) -> Path:
        """DuckDB file that dbt writes."""
        return self.folder / "data" / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """Copy that BI tools read."""
        return self.folder / "data" / "published.duckdb"

    @property
    def address(self) -> str:
        """Where the UI is."""
        return f"http://127.0.0.1:{self.port}"

    def run_program(self, *command: str, **settings: str) -> None:
        """Run a program in the project's folder, with other settings; raises with what it said."""
        program = str(Path(sys.executable).with_name(command[0]))
        result = subprocess.run(
            [program, *command[1:]],
            cwd=self.folder,
            env={**self.environment, **settings},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr

    def start(self) -> None:
        """Start web server and daemon; return when the definitions are loaded."""
        log = (self.folder / "serve.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "orchestration.serve"],
            cwd=self.folder,
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        until(self.job_names, 120, "the definitions load")

    def stop(self) -> None:
        """End the servers as Ctrl-C does."""
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(90)

    def processes(self, *words: str) -> list[psutil.Process]:
        """Live processes of this project whose command line holds all the words."""
        found = []
        for process in psutil.process_iter(["cmdline", "environ", "status"]):
            command = process.info["cmdline"] or []
            home = (process.info["environ"] or {}).get("DAGSTER_HOME")
            is_alive = process.info["status"] != psutil.STATUS_ZOMBIE
            is_own = home == self.environment["DAGSTER_HOME"] and is_alive
            if is_own and all(any(part.endswith(word) for part in command) for word in words):
                found.append(process)
        return found

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data that a GraphQL query gives; raises for errors in it."""
        answer = requests.post(
            f"{self.address}/graphql", json={"query": query, "variables": variables}, timeout=120
        ).json()
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def job_names(self) -> list[str]:
        """Names of the jobs that the code location offers; empty while it does not answer."""
        query = "{repositoriesOrError{... on RepositoryConnection{nodes{jobs{name}}}}}"
        try:
            nodes = self.ask(query)["repositoriesOrError"].get("nodes", [])
        except requests.RequestException:
            return []
        return [job["name"] for node in nodes for job in node["jobs"]]

    def stop_schedules(self) -> None:
        """Keep the daemon from starting runs that no test asked for, whatever the time is."""
        for schedule in self.ask(SCHEDULES)["schedulesOrError"]["results"]:
            answer = self.ask(STOP_SCHEDULE, id=schedule["id"])["stopRunningSchedule"]
            assert answer["__typename"] == "ScheduleStateResult", answer

    def is_schedule_on(self, name: str) -> bool:
        """Whether the daemon starts a schedule's runs."""
        schedules = self.ask(SCHEDULES)["schedulesOrError"]["results"]
        states = {each["name"]: each["scheduleState"]["status"] for each in schedules}
        return bool(states[name] == "RUNNING")

    def launch(self, job: str, **config: Any) -> str:
        """Launch a run of a job, with a configuration of dbt_build; return its id."""
        given = {
            "selector": {
                "repositoryName": "__repository__",
                "repositoryLocationName": "shoptrack",
                "jobName": job,
            },
            "runConfigData": {"ops": {"dbt_build": {"config": config}}} if config else {},
        }
        launched = self.ask(LAUNCH, given=given)["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        run_id: str = launched["run"]["runId"]
        return run_id

    def status(self, run_id: str) -> str:
        """Status of a run."""
        status: str = self.ask(RUN, id=run_id)["runOrError"]["status"]
        return status

    def finish(self, run_id: str, seconds: float = 300) -> str:
        """Wait for the end of a run; return its status."""
        until(lambda: self.status(run_id) in FINISHED, seconds, f"run {run_id} ends")
        return self.status(run_id)

    def runs(self, job: str = "refresh") -> list[dict[str, Any]]:
        """Runs of a job, newest first."""
        found = self.ask(RUNS)["runsOrError"]["results"]
        return [run for run in found if run["jobName"] == job]

    def events(self, run_id: str, kind: str) -> list[dict[str, Any]]:
        """Events of one kind of a run."""
        page = self.ask(EVENTS, id=run_id)["logsForRun"]
        found = page["events"]
        while page["hasMore"]:
            page = self.ask(EVENTS, id=run_id, after=page["cursor"])["logsForRun"]
            found += page["events"]
        return [event for event in found if event["__typename"] == kind]

    def read(self, query: str, database: Path | None = None) -> list[Any]:
        """Rows of a query on the published copy, or on another database."""
        with duckdb.connect(str(database or self.published), read_only=True) as connection:
            rows: list[Any] = connection.execute(query).fetchall()
        return rows

    def difference(self, mart: str, other: Path) -> list[Any]:
        """Rows of a published mart that another warehouse's differs in, personal columns aside."""
        columns = ", ".join(name for name, *_ in self.read(f"describe {mart}"))
        here = f"select {columns} from main.{mart}"
        there = f"select {columns} from other.marts.{mart}"
        with duckdb.connect(str(self.published), read_only=True) as connection:
            connection.execute(f"attach '{other}' as other (read_only)")
            rows: list[Any] = connection.execute(
                f"(({here}) except all ({there})) union all (({there}) except all ({here}))"
            ).fetchall()
        return rows


def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Wait for a condition; raises when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.5)


@contextmanager
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Address of a server that takes alerts, and the alerts that it took."""
    taken: list[dict[str, Any]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/alerts", taken
        server.shutdown()
