"""A warehouse of its own for a test: landing zone, DuckDB file, dbt builds and comparisons."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from shoptrack.contract import PROJECT_ROOT
from shoptrack.landing import LandedFile, ensure_zone, land_table
from tests.python.shops import File

MARTS = "marts"
# What says how a stored row came about, and not what it says.
BOOKKEEPING = ("definition_hash",)
SESSIONIZED = "intermediate.int_events_sessionized"
# They say which rows a build writes again or reads, and not what rows mean; the as-of moment is
# part of the definitions of those models alone that read it.
VARS_THAT_ARE_NO_RULES = {
    "rebuild_from",
    "rebuild_to",
    "adapters",
    "as_of",
    "events_per_slice",
    "spark_file_format",
}
# Which models that keep state a test builds: all, or those that stand on nothing of the shop.
State = Literal["all", "events"]
_FILE_NAME = "warehouse.duckdb"  # dbt's manifest names the database, which is the file's stem
_DBT = Path(sys.executable).parent / "dbt"
_MEMORY = Path("/dev/shm")
_PLENTY = 8 * 1024**3  # bytes


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """A folder that is removed after use; in memory where there is plenty of it.

    dbt commits every model, and a disk lets it wait each time: a tenth of a small build's time.
    """
    has_plenty = _MEMORY.exists() and shutil.disk_usage(_MEMORY).free > _PLENTY
    with tempfile.TemporaryDirectory(prefix=prefix, dir=_MEMORY if has_plenty else None) as folder:
        yield Path(folder)


class BuildError(AssertionError):
    """dbt failed; the message is dbt's own."""


@dataclass(frozen=True)
class Project:
    """The dbt project, parsed once, and a DuckDB file that holds its seeds."""

    manifest: Any
    folder: Path
    choices: Mapping[str, Any] = field(default_factory=dict)
    _families: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def parse(cls, folder: Path, variables: Mapping[str, Any] | None = None) -> Project:
        """Parse the project; `folder` takes dbt's artifacts and the seeded DuckDB file.

        `variables` decide what is there at all, such as adapters: they are the project's choices,
        and every build is given them too.
        """
        options = _options((), False, variables)
        with _environment(folder):
            manifest = _invoke(None, ["parse", "--no-partial-parse", *options], folder).result
            project = cls(manifest, folder, variables or {})
            for model in project._models().values():
                model.config.persist_docs = {}  # a third of a small build's time
            _invoke(manifest, ["seed"], folder)
        return project

    def stateful_models(self, state: State = "all") -> list[str]:
        """Names of the models that keep what earlier builds stored."""
        models = self._models()
        return [models[unique_id].name for unique_id in self._stateful(state)]

    def stateful_tables(self, state: State = "all") -> list[str]:
        """Tables of these models, with their schema."""
        models = [self._models()[unique_id] for unique_id in self._stateful(state)]
        return sorted(f"{model.schema}.{model.alias}" for model in models)

    def state_order(self, state: State = "all") -> list[str]:
        """Names of the stateful models and all they stand on, each after what it depends on."""
        models = self._models()
        placed: list[str] = []
        for unique_id in self._stateful(state):
            placed += [each for each in self._with_parents(unique_id) if each not in placed]
        return [models[unique_id].name for unique_id in placed]

    def _stateful(self, state: State) -> list[str]:
        models = sorted(self._models().items())
        stateful = [name for name, model in models if model.config.materialized == "incremental"]
        if state == "all":
            return stateful
        return [name for name in stateful if ".stg_shop__" not in "".join(self._with_parents(name))]

    def _with_parents(self, unique_id: str) -> list[str]:
        """A model and all models it stands on, each after what it depends on."""
        if unique_id not in self._families:
            models = self._models()
            placed: list[str] = []
            for parent in sorted(models[unique_id].depends_on.nodes):
                family = self._with_parents(parent) if parent in models else []
                placed += [each for each in family if each not in placed]
            self._families[unique_id] = [*placed, unique_id]
        return self._families[unique_id]

    def macro(self, name: str) -> str:
        """Text of one of the project's macros."""
        text: str = self.manifest.macros[f"macro.shoptrack.{name}"].macro_sql
        return text

    def variables(self, models: Sequence[str]) -> set[str]:
        """Vars that models, what they stand on, and the macros of all of them read.

        What makes all of its rows anew is left out, with what it stands on: it tells what changed.
        """
        nodes = {**self._models(), **self.manifest.macros}
        unseen = [name for name, model in self._models().items() if model.name in models]
        seen: set[str] = set()
        found: set[str] = set()
        while unseen:
            unique_id = unseen.pop()
            if unique_id in seen or unique_id not in nodes:
                continue
            seen.add(unique_id)
            node = nodes[unique_id]
            if unique_id.startswith("model.") and node.config.meta.get("redone_by") == []:
                continue
            text = node.macro_sql if unique_id.startswith("macro.") else node.raw_code
            found |= set(re.findall(r"\bvar\(['\"](\w+)['\"]", text))
            unseen += [*node.depends_on.macros, *getattr(node.depends_on, "nodes", [])]
        return found

    def _models(self) -> dict[str, Any]:
        nodes = self.manifest.nodes.items()
        return {name: node for name, node in nodes if node.resource_type.value == "model"}


class Warehouse:
    """A landing zone and the DuckDB file that is built from it, both in `folder`."""

    def __init__(self, project: Project, folder: Path, held: State = "all") -> None:
        self.project = project
        self.folder = folder
        self.held: State = held
        self.zone = folder / "landing"
        self.file = folder / _FILE_NAME
        ensure_zone(self.zone)
        shutil.copy(project.folder / _FILE_NAME, self.file)

    def land(
        self,
        table: str,
        rows: pa.Table | Sequence[Mapping[str, Any]],
        file_name: str,
        loaded_at: datetime,
    ) -> LandedFile:
        """Land rows of `table` (`source.table`) as if they came in a file of this name."""
        if not isinstance(rows, pa.Table):
            names = dict.fromkeys(name for row in rows for name in row)
            rows = pa.table({name: [row.get(name) for row in rows] for name in names})
        return land_table(self.zone, table, rows, file_name=file_name, loaded_at=loaded_at)

    def land_files(self, files: Sequence[File]) -> None:
        """Land the files of a load."""
        for file in files:
            self.land(file.table, file.rows, file.file_name, file.loaded_at)

    def landed(self) -> list[Path]:
        """Landed files, as paths within the zone."""
        files = self.zone.glob("*/*/*.parquet")
        return sorted(file.relative_to(self.zone) for file in files)

    def take(self, zone: Path, files: Sequence[Path]) -> None:
        """Copy landed files from another zone, under the same names."""
        for file in files:
            (self.zone / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(zone / file, self.zone / file)

    def copy(self, other: Warehouse) -> None:
        """Become a copy of another warehouse."""
        self.take(other.zone, other.landed())
        shutil.copy(other.file, self.file)

    def build(
        self,
        select: Sequence[str] = (),
        *,
        full_refresh: bool = False,
        variables: Mapping[str, Any] | None = None,
        with_seeds: bool = False,
    ) -> None:
        """Run the models, all or those that dbt selects. Raises BuildError with dbt's message."""
        given = {**self.project.choices, **(variables or {})}
        arguments = ["run", *_options(select, full_refresh, given)]
        with _environment(self.folder):
            if with_seeds:
                _invoke(self.project.manifest, ["seed"], self.project.folder)
            _invoke(self.project.manifest, arguments, self.project.folder)

    def run_unit_tests(self, select: Sequence[str]) -> int:
        """Run dbt's unit tests of the models that dbt selects, which must be built.

        Return how many ran. Raises BuildError with dbt's message.
        """
        arguments = ["test", "--resource-type", "unit_test"]
        arguments += _options(select, False, self.project.choices)
        with _environment(self.folder):
            result = _invoke(self.project.manifest, arguments, self.project.folder)
        return len(result.result.results)

    def run_data_tests(self, select: Sequence[str]) -> int:
        """Run the data tests that dbt selects, whose models must be built.

        Return how many ran. Raises BuildError with dbt's message where one found something.
        """
        arguments = ["test", "--resource-type", "test"]
        arguments += _options(select, False, self.project.choices)
        with _environment(self.folder):
            result = _invoke(self.project.manifest, arguments, self.project.folder)
        nodes = [each.node.resource_type.value for each in result.result.results]
        return nodes.count("test")  # dbt lists its hooks too

    def build_state(self, **options: Any) -> None:
        """Build the models that keep state between builds and what they stand on; no others do."""
        self.build(self.project.state_order(self.held), **options)

    def freshness(self) -> dict[str, tuple[str, datetime]]:
        """Run `dbt source freshness`; per raw table dbt's verdict and the newest landing."""
        with _environment(self.folder):
            result = _run_dbt(self.project.manifest, ["source", "freshness"], self.project.folder)
        return {
            f"{found.node.source_name}.{found.node.name}": (str(found.status), found.max_loaded_at)
            for found in result.result.results
            if found.node.resource_type.value == "source"  # dbt lists its hooks too
        }

    def kill_build(self, node: str, seconds: float, *, full_refresh: bool = False) -> bool:
        """Start `dbt build` without tests and kill it `seconds` after it began to build a node.

        Return False when the build was over by then. Raises BuildError when it failed.
        """
        arguments = ["build", *_options((), full_refresh, None), *_paths(self.folder)]
        arguments += ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
        with _environment(self.folder):
            process = subprocess.Popen(
                [_DBT, "--no-use-colors", "--no-version-check", *arguments],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        try:
            output = _read_until(process, f".{node} ")
            time.sleep(seconds)
        finally:
            was_running = process.poll() is None
            if was_running:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.returncode not in (0, -signal.SIGKILL):
            raise BuildError(output)
        return was_running

    @contextmanager
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that reads the DuckDB file."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
            yield connection

    def query(self, sql: str) -> list[Any]:
        """Rows that a query gives."""
        with self.connection() as connection:
            rows: list[Any] = connection.execute(sql).fetchall()
        return rows

    def columns(self, relation: str) -> list[str]:
        """Names of the columns of a relation."""
        return [name for name, *_ in self.query(f"describe {relation}")]

    def marts(self) -> list[str]:
        """Names of the marts that are built, with their schema."""
        rows = self.query(
            "select table_name from information_schema.tables"
            f" where table_schema = '{MARTS}' order by table_name"
        )
        return [f"{MARTS}.{name}" for (name,) in rows]

    def state(self) -> list[str]:
        """Names of the tables that keep state between builds, with their schema."""
        return self.project.stateful_tables(self.held)

    def change_number(self, relation: str = SESSIONIZED) -> int:
        """The number of the last change of a table that is redone by keys."""
        name = relation.split(".")[1]
        query = f"select change_number from bookkeeping.states where model_name = '{name}'"
        return int(self.query(query)[0][0])

    def changed_dates(self, after: int, relation: str = SESSIONIZED) -> set[date]:
        """Session dates of rows that left or entered a table after a change of it."""
        name = relation.split(".")[1]
        query = f"select distinct session_date from changes.{name} where change_number > {after}"
        return {day for (day,) in self.query(query)}

    def read(self, relations: Sequence[str]) -> dict[str, pa.Table]:
        """Rows of relations, without what says how they came about."""
        with self.connection() as connection:
            tables = {
                name: connection.sql(f"select * from {name}").to_arrow_table() for name in relations
            }
        return {
            name: table.drop_columns([c for c in BOOKKEEPING if c in table.column_names])
            for name, table in tables.items()
        }

    def difference(self, other: Warehouse, relations: Sequence[str] | None = None) -> str:
        """Describe how relations (all marts unless named) differ from another warehouse's.

        Empty when they hold the same rows, in any order, column for column.
        """
        names = self.marts() if relations is None else relations
        if relations is None and names != other.marts():
            return f"the marts are {names} here and {other.marts()} there"
        ours, theirs = self.read(names), other.read(names)
        return "\n".join(filter(None, (differ(name, ours[name], theirs[name]) for name in names)))

    def assert_exact(
        self, *, variables: Mapping[str, Any] | None = None, state_only: bool = False
    ) -> None:
        """Compare all marts, or all that is kept between builds, with a full refresh.

        The full refresh reads the same files in a warehouse of its own.
        """
        with temporary_folder("refreshed-") as folder:
            refreshed = Warehouse(self.project, folder, self.held)
            refreshed.take(self.zone, self.landed())
            build = refreshed.build_state if state_only else refreshed.build
            build(full_refresh=True, variables=variables)
            difference = self.difference(refreshed, self.state() if state_only else None)
        if difference:
            raise AssertionError(f"here is not what a full refresh gives:\n{difference}")


def differ(name: str, ours: pa.Table, theirs: pa.Table) -> str:
    if ours.schema != theirs.schema:
        return f"{name} has the columns\n{ours.schema}\nhere and there\n{theirs.schema}"
    with duckdb.connect() as connection:
        connection.register("ours", ours)
        connection.register("theirs", theirs)
        here = connection.sql("from ours except all from theirs order by all").to_arrow_table()
        there = connection.sql("from theirs except all from ours order by all").to_arrow_table()
    if not here.num_rows and not there.num_rows:
        return ""
    differing = [
        column
        for column in here.column_names
        if here[column].to_pylist() != there[column].to_pylist()
    ]
    shown = list(dict.fromkeys([*here.column_names[:2], *differing]))
    return (
        f"{name}: {here.num_rows} rows only here, {there.num_rows} only there\n"
        f"  here:  {_sample(here.select(shown))}\n  there: {_sample(there.select(shown))}"
    )


def _sample(rows: pa.Table) -> str:
    return "\n         ".join(
        ", ".join(f"{name}={str(value)[:80]}" for name, value in row.items())
        for row in rows.slice(0, 4).to_pylist()
    )


def _options(
    select: Sequence[str], full_refresh: bool, variables: Mapping[str, Any] | None
) -> list[str]:
    options = ["--full-refresh"] if full_refresh else []
    if select:
        options += ["--select", *select]
    if variables:
        options += ["--vars", json.dumps(dict(variables))]
    return options


def _paths(folder: Path) -> list[str]:
    return [
        *("--project-dir", str(PROJECT_ROOT)),
        *("--profiles-dir", str(PROJECT_ROOT)),
        *("--target-path", str(folder / "target")),
    ]


def _run_dbt(manifest: Any, arguments: Sequence[str], folder: Path) -> Any:
    quiet = ["--log-level", "none", "--no-write-json", "--no-version-check"]
    result = dbtRunner(manifest=manifest).invoke([*quiet, *arguments, *_paths(folder)])
    DuckDBConnectionManager.close_all_connections()  # dbt keeps the file open for the process
    return result


def _invoke(manifest: Any, arguments: Sequence[str], folder: Path) -> Any:
    result = _run_dbt(manifest, arguments, folder)
    if not result.success:
        failures = [f"{arguments}: {result.exception}"] if result.exception else []
        nodes = getattr(result.result, "results", [])
        failures += [
            f"{node.node.name}: {node.message}"
            for node in nodes
            if node.status not in ("success", "skipped")
        ]
        raise BuildError("\n".join(failures))
    return result


def _read_until(process: subprocess.Popen[str], node: str) -> str:
    """Read what dbt prints until it begins to build a node, or to its end; return it."""
    output = ""
    assert process.stdout is not None
    for line in process.stdout:
        output += line
        if node in line and "START" in line:
            break
    return output


@contextmanager
def _environment(folder: Path) -> Iterator[None]:
    """Let dbt work on the landing zone and the DuckDB file of a folder."""
    settings = {
        "SHOPTRACK_LANDING": str(folder / "landing"),
        "SHOPTRACK_WAREHOUSE": str(folder / _FILE_NAME),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
