"""A warehouse on Apache Spark that tests build, and read with DuckDB from its Parquet files."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from dbt.cli.main import dbtRunner

from shoptrack.contract import PROJECT_ROOT
from shoptrack.spark_tables import show_tables
from tests.python.warehouse import BuildError, Project, Warehouse, differ

LAYERS = ("seeds", "intermediate", "marts", "semantic")
NOT_COMPARED = {"definition_hash"}  # of each engine's own SQL
FEW_ROWS = {  # Spark's own settings, for shops of some hundred rows
    "SHOPTRACK_SPARK_PARTITIONS": "1",
    "SHOPTRACK_SPARK_MEMORY": "2g",
    # Most of such a build is planning, in code that runs too seldom to be compiled well.
    "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=400m -XX:+UseSerialGC",
}


def why_not_here() -> str:
    """Why Spark cannot run on this machine, or nothing."""
    try:
        import pyspark  # noqa: F401, PLC0415
    except ImportError:
        return "Spark is not installed: `make spark`"
    java = shutil.which("java")
    if java is None:
        return "Spark needs Java 17"
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    return "" if '"17.' in said else f"Spark needs Java 17, and this is {said.splitlines()[0]}"


@dataclass
class SparkProject:
    """The project, parsed once for a target of Spark; the tables are in `folder`/tables."""

    target: str
    folder: Path
    manifest: Any = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.manifest = self.run("parse", "--no-partial-parse")

    @property
    def zone(self) -> Path:
        """The landing zone of whatever warehouse is built."""
        return self.folder / "landing"

    def run(self, *arguments: str, variables: Mapping[str, Any] | None = None) -> Any:
        """Run dbt and return its result. Raises BuildError with dbt's messages."""
        options = ["--target", self.target, "--target-path", str(self.folder / "target")]
        if variables:
            options += ["--vars", str(dict(variables))]
        quiet = ["--log-level", "none", "--no-version-check", "--no-write-json"]
        with _environment(self.folder, self.zone):
            done = dbtRunner(manifest=self.manifest).invoke([*quiet, *arguments, *options])
        if not done.success:
            raise BuildError(_messages(done))
        return done.result

    def forget_everything(self) -> None:
        """Drop all tables and remove what was landed."""
        schemas = (
            "['" + "', '".join([*LAYERS, "staging", "landing", "bookkeeping", "changes"]) + "']"
        )
        sql = "{% for schema in " + schemas + " %}{% do run_query('drop schema if exists ' ~ schema"
        self.run("show", "--inline", sql + " ~ ' cascade') %}{% endfor %}select 1 as done")
        shutil.rmtree(self.zone, ignore_errors=True)


@dataclass
class ServedProject(SparkProject):
    """The project for a Spark that runs elsewhere: dbt is a process of its own each time."""

    settings: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def run(self, *arguments: str, variables: Mapping[str, Any] | None = None) -> Any:
        """Run dbt to its end. Raises BuildError with what it said."""
        with self._started(*arguments, variables=variables) as process:
            said, _ = process.communicate()
        if process.returncode:
            raise BuildError(_without_traces(said)[-5000:])

    def command_lines(self, *arguments: str) -> set[str]:
        """Run dbt, and give the command lines of all processes meanwhile that name its folder."""
        seen: set[str] = set()
        with self._started(*arguments) as process:
            while process.poll() is None:
                seen |= set(_command_lines(str(self.folder)))
                time.sleep(0.2)
            assert process.returncode == 0, process.communicate()[0]
        return seen

    def kill(self, *arguments: str, table: str) -> None:
        """Start dbt and kill it and its Spark while it writes a table, `schema.table`.

        Raises BuildError where it ended before.
        """
        folder = self.folder / "tables" / table.replace(".", ".db/")
        start = time.time()
        with self._started(*arguments) as process:
            while not (folder.exists() and folder.stat().st_mtime > start):
                if process.poll() is not None:
                    raise BuildError(f"dbt has not written {table}")
                time.sleep(0.02)
            os.killpg(process.pid, signal.SIGKILL)

    @contextmanager
    def _started(
        self, *arguments: str, variables: Mapping[str, Any] | None = None
    ) -> Iterator[subprocess.Popen[str]]:
        dbt = str(Path(sys.executable).parent / "dbt")
        given = {**self.choices, **(variables or {})}
        options = ["--target", self.target, "--vars", str(given)]
        folders = {"DBT_TARGET_PATH": f"{self.folder}/target", "DBT_LOG_PATH": str(self.folder)}
        with (
            _environment(self.folder, self.zone),
            subprocess.Popen(
                [dbt, "--no-use-colors", "--quiet", *arguments, *options],
                cwd=PROJECT_ROOT,
                env={**os.environ, **folders, **self.settings},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            ) as process,
        ):
            yield process


def _command_lines(word: str) -> Iterator[str]:
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if word in line:
                yield line


class SparkWarehouse(Warehouse):
    """A landing zone and what Spark builds from it. One at a time: a process has one Spark."""

    def __init__(self, project: Project, spark: SparkProject, held: Any = "all") -> None:
        self.project = project
        self.spark = spark
        self.held = held
        self.zone = spark.zone
        self.zone.mkdir(parents=True, exist_ok=True)
        self.spark.run("seed")

    def build(
        self,
        select: Sequence[str] = (),
        *,
        full_refresh: bool = False,
        variables: Mapping[str, Any] | None = None,
        with_seeds: bool = False,
    ) -> None:
        """Run the models, all or those that dbt selects. Raises BuildError with dbt's message."""
        arguments = ["run", *(["--full-refresh"] if full_refresh else [])]
        arguments += ["--select", *select] if select else []
        self.spark.run(*arguments, variables=variables)

    @contextmanager
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in which Spark's tables are views on their Parquet files."""
        with duckdb.connect() as connection:
            folders = sorted((self.spark.folder / "tables").glob("*.db"))
            schemas = tuple(f"{folder.stem}.*" for folder in folders)
            show_tables(connection, self.spark.folder / "tables", schemas)
            yield connection

    def difference(self, other: Warehouse, relations: Sequence[str] | None = None) -> str:
        """Describe how tables differ from those that DuckDB built.

        All unless named, but those that hold what arrived in one build.
        """
        arrivals = {name for (name,) in other.query("select model_name from bookkeeping.arrivals")}
        lasting = [name for name in _tables(other) if name.partition(".")[2] not in arrivals]
        names = relations or lasting
        built = _tables(self)
        missing = set(names) - set(built)
        # A table in partitions that has no rows has no files.
        missing -= {name for name in missing if not other.query(f"select 1 from {name} limit 1")}
        if missing:
            return f"Spark has not built {', '.join(sorted(missing))}"
        names = [name for name in names if name in built]
        ours, theirs = self.read(names), other.read(names)
        described = []
        for name in names:
            columns = [each for each in theirs[name].column_names if each not in NOT_COMPARED]
            beyond = set(ours[name].column_names) - {*columns, *NOT_COMPARED}
            described.append(f"{name}: only Spark has {', '.join(beyond)}" if beyond else "")
            there, here = theirs[name].select(columns), ours[name].select(columns)
            described.append(_other_types(name, here, there))
            described.append(differ(name, here.cast(there.schema), there))
        return "\n".join(filter(None, described))


def _without_traces(said: str) -> str:
    """What a program said without Java's stack traces, which say where and not what."""
    lines = (line for line in said.splitlines() if not line.lstrip().startswith(("at ", "... ")))
    return "\n".join(lines)


def _other_types(name: str, here: pa.Table, there: pa.Table) -> str:
    """Columns of what contracts promise that have another type here, in words."""
    if name.partition(".")[0] not in ("marts", "semantic"):
        return ""
    pairs = zip(here.schema, there.schema, strict=True)
    other = [f"{mine.name} is {mine.type}, not {its.type}" for mine, its in pairs if mine != its]
    return f"{name}: {', '.join(other)}" if other else ""


def _tables(warehouse: Warehouse) -> list[str]:
    """Stored tables and all marts, with their schema."""
    is_meant = "table_type = 'BASE TABLE' or table_schema = 'marts'"
    rows = warehouse.query(
        "select table_schema, table_name from information_schema.tables"
        f" where table_schema in {LAYERS}"
        f" and ({'true' if isinstance(warehouse, SparkWarehouse) else is_meant}) order by all"
    )
    return [f"{schema}.{name}" for schema, name in rows]


def _messages(done: Any) -> str:
    failed = [
        f"{each.node.name}: {each.message}"
        for each in getattr(done.result, "results", [])
        if str(each.status) in ("error", "fail")
    ]
    return "\n".join(failed) or str(done.exception)


@contextmanager
def _environment(folder: Path, zone: Path) -> Iterator[None]:
    settings = {
        **FEW_ROWS,
        "SHOPTRACK_LANDING": str(zone),
        "SHOPTRACK_SPARK_WAREHOUSE": str(folder),
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
