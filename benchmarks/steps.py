"""What is measured: for each step what happens before, unmeasured, and the command that is."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measuring import program
from benchmarks.shops import FIRST_DAY, Shop
from shoptrack.contract import PROJECT_ROOT

DAYS_HELD_BACK = 5  # so that as many daily refreshes can follow one full build
BACKFILLED_FROM, BACKFILLED_DAYS = 200, 30  # days into the year
NO_TESTS = ("--exclude-resource-type", "test", "unit_test")
# Unit tests prove the SQL, on rows of their own: a refresh that changes no SQL leaves them out.
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
SESSION_TABLES = "+int_sessions_summarized"
NAIVE = PROJECT_ROOT / "benchmarks" / "naive"
SPARK_PYTHON = "SHOPTRACK_SPARK_PYTHON"


class NotPossibleError(RuntimeError):
    """A step cannot be measured; the message says why and what to do."""


@dataclass(frozen=True)
class Place:
    """A shop and the files that are made of it."""

    shop: Shop

    def file(self, name: str) -> Path:
        """A file beside the shop's zone."""
        return self.shop.folder / name

    @property
    def warehouse(self) -> Path:
        """The warehouse that full build and refreshes share."""
        return self.file("warehouse.duckdb")

    def settings(self, warehouse: Path, target: str) -> dict[str, str]:
        """Environment of dbt and shoptrack; every warehouse has its own folder of artifacts."""
        return {
            "SHOPTRACK_LANDING": str(self.shop.zone),
            "SHOPTRACK_WAREHOUSE": str(warehouse),
            "SHOPTRACK_PUBLISHED": str(self.file("published.duckdb")),
            "DBT_TARGET_PATH": str(self.file(target)),
            "NAIVE_WAREHOUSE": str(self.file("naive.duckdb")),
            "NAIVE_EVENTS": self.shop.events,
        }


@dataclass(frozen=True)
class Step:
    """Something to measure.

    prepare: makes things as they are before it; database: the file it writes, or asks; is_by_floor:
    whether a plain copy of the events is measured before and after.
    """

    name: str
    label: str
    command: Callable[[Place], list[str]]
    database: str
    prepare: Callable[[Place], None] = lambda _: None
    target: str = "target"
    is_by_floor: bool = True

    def settings(self, place: Place) -> Mapping[str, str]:
        """Environment of the command."""
        return place.settings(self._warehouse(place), self.target)

    def _warehouse(self, place: Place) -> Path:
        of_sessions = self.target == "target_sessions"
        return place.file("sessions.duckdb") if of_sessions else place.warehouse


def _build(*arguments: str) -> list[str]:
    return [program("dbt"), "--quiet", "build", *arguments]


def _sql(script: str, database: str) -> Callable[[Place], list[str]]:
    def command(place: Place) -> list[str]:
        module = [sys.executable, "-m", "benchmarks.peers.run_sql", script]
        return [*module, str(place.file(database)), place.shop.events]

    return command


def _answers(what: str) -> Callable[[Place], list[str]]:
    def command(place: Place) -> list[str]:
        files = [str(place.file("published.duckdb")), str(place.file(f"{what}.json"))]
        return [sys.executable, "-m", "benchmarks.answers", what, *files]

    return command


def _begin_anew(place: Place) -> None:
    place.shop.begin_anew(DAYS_HELD_BACK + 1)
    _remove(place.warehouse)


def _remove(database: Path) -> None:
    for file in (database, database.with_name(f"{database.name}.wal")):
        file.unlink(missing_ok=True)


def _removed(database: str) -> Callable[[Place], None]:
    return lambda place: _remove(place.file(database))


def _backfill(_: Place) -> list[str]:
    first = FIRST_DAY.date() + timedelta(days=BACKFILLED_FROM)
    last = first + timedelta(days=BACKFILLED_DAYS - 1)
    return _build("--vars", f"{{rebuild_from: {first}, rebuild_to: {last}}}")


def _naive(_: Place) -> list[str]:
    return _build("--project-dir", str(NAIVE), "--profiles-dir", str(NAIVE))


def _spark(place: Place) -> list[str]:
    python = os.environ.get(SPARK_PYTHON) or sys.executable
    if python == sys.executable and find_spec("pyspark") is None:
        raise NotPossibleError(
            "pyspark is not in the lock: pip install pyspark==4.3.0 into an environment of its own"
            f" and name its Python in {SPARK_PYTHON}; Java 17 is needed too"
        )
    script = str(PROJECT_ROOT / "benchmarks" / "peers" / "spark_sessions.py")
    return [python, script, place.shop.events, str(place.file("spark"))]


STEPS = (
    Step(
        "floor",
        "plain copy of the event files",
        _sql("floor.sql", "floor.duckdb"),
        "floor.duckdb",
        is_by_floor=False,
    ),
    Step("full", "full build, all tests", lambda _: _build(), "warehouse.duckdb", _begin_anew),
    Step(
        "daily",
        "daily refresh, all data tests",
        lambda _: _build(*NO_UNIT_TESTS),
        "warehouse.duckdb",
        lambda place: place.shop.land_day(),
    ),
    Step(
        "hourly",
        "hourly refresh, all data tests",
        lambda _: _build(*NO_UNIT_TESTS),
        "warehouse.duckdb",
        lambda place: place.shop.land_hour(),
    ),
    Step("backfill", "30 days rebuilt, all tests", _backfill, "warehouse.duckdb"),
    Step(
        "publish",
        "shoptrack publish",
        lambda _: [program("shoptrack"), "publish"],
        "published.duckdb",
    ),
    Step(
        "cookbook",
        "the cookbook's queries, five times each",
        _answers("cookbook"),
        "published.duckdb",
        is_by_floor=False,
    ),
    Step(
        "dashboard",
        "the dashboard's pages, five times each",
        _answers("dashboard"),
        "published.duckdb",
        is_by_floor=False,
    ),
    Step(
        "start_up",
        "dbt that has nothing to do",
        lambda _: _build("--select", "tag:nothing"),
        "sessions.duckdb",
        _removed("sessions.duckdb"),
        "target_sessions",
        is_by_floor=False,
    ),
    Step(
        "models",
        "session tables by the models",
        lambda _: _build("--select", SESSION_TABLES, *NO_TESTS),
        "sessions.duckdb",
        _removed("sessions.duckdb"),
        "target_sessions",
    ),
    Step(
        "by_hand",
        "session tables by hand, in DuckDB",
        _sql("sessions.sql", "by_hand.duckdb"),
        "by_hand.duckdb",
    ),
    Step(
        "naive",
        "naive dbt project, every run",
        _naive,
        "naive.duckdb",
        _removed("naive.duckdb"),
        "target_naive",
    ),
    Step("spark", "session tables by hand, in Spark", _spark, "spark"),
)
BY_NAME = {step.name: step for step in STEPS}
