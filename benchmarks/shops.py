"""The shops that are measured: a simulated year, and how its loads arrive one after the other.

Of a simulated shop nothing is changed. What a build reads is a zone of links to its files, in which
the newest loads are still missing: they arrive while the benchmark runs.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from rich.progress import Progress

from shoptrack.demo import simulate
from shoptrack.landing import land_table
from shoptrack.landing.zone import CONTRACT_FILE, META_COLUMNS

FIRST_DAY = datetime(2025, 1, 1)
DAYS = 365
EVENTS_PER_VISITOR = 18.5
HOURS = 24
_LOADS = """
    select file_name, max(stats_max_value) as loaded_at
    from parquet_metadata(?)
    where path_in_schema = '_loaded_at'
    group by file_name
    order by loaded_at, file_name
"""


class NothingLeftToLandError(RuntimeError):
    """Every load has arrived; the message says what to do."""


@dataclass(frozen=True)
class Shop:
    """A shop of so many million events: where it was simulated, and where it is measured."""

    million_events: float
    simulated: Path
    folder: Path

    @property
    def zone(self) -> Path:
        """The landing zone that builds read."""
        return self.folder / "measured"

    @property
    def events(self) -> str:
        """A pattern of the landed event files."""
        return f"{self.zone}/web/events/*.parquet"

    @cached_property
    def loads(self) -> list[list[Path]]:
        """Files of each load within the zone, oldest load first."""
        found: dict[str, list[Path]] = {}
        pattern = str(self.simulated / "*" / "*" / "*.parquet")
        for name, loaded_at in duckdb.execute(_LOADS, [pattern]).fetchall():
            file = Path(name)
            if file.name != CONTRACT_FILE:
                found.setdefault(loaded_at, []).append(file.relative_to(self.simulated))
        return [found[loaded_at] for loaded_at in sorted(found)]

    def begin_anew(self, held_back: int) -> None:
        """Let all loads but the newest `held_back` have arrived."""
        shutil.rmtree(self.zone, ignore_errors=True)
        self.zone.mkdir(parents=True)
        for load in self.loads[: len(self.loads) - held_back]:
            self._link(load)

    def land_day(self) -> None:
        """Let the next load arrive; the newest is kept for `land_hour`.

        Raises NothingLeftToLandError.
        """
        for load in self.loads[:-1]:
            if not all((self.zone / file).exists() for file in load):
                self._link(load)
                return
        raise NothingLeftToLandError("every day has arrived: measure full first")

    def land_hour(self) -> None:
        """Let the next hour of the newest load arrive: every 24th of its rows.

        Events go by the hour they happened in, late ones too, as a tracker would send them; rows of
        other tables by their number. Raises NothingLeftToLandError.
        """
        mark = self.zone / "hours_landed"
        hour = len(mark.read_text()) if mark.exists() else 0
        if hour == HOURS:
            raise NothingLeftToLandError("every hour has arrived: measure full first")
        for file in self.loads[-1]:
            self._land_part(file, hour)
        mark.write_text("." * (hour + 1))

    def _land_part(self, file: Path, hour: int) -> None:
        rows = pq.read_table(self.simulated / file)
        if file.parts[:2] == ("web", "events"):
            chosen = [str(at)[11:13] == f"{hour:02}" for at in rows["event_at"].to_pylist()]
        else:
            chosen = [number % HOURS == hour for number in rows["_source_row"].to_pylist()]
        part = rows.filter(chosen)
        if part.num_rows:
            loaded_at = part["_loaded_at"][0].as_py() - timedelta(hours=HOURS - hour)
            table, name = ".".join(file.parts[:2]), f"hour_{hour:02}_{file.name}"
            part = part.drop_columns(list(META_COLUMNS))
            land_table(self.zone, table, part, file_name=name, loaded_at=loaded_at)

    def _link(self, files: list[Path]) -> None:
        for file in files:
            target = self.zone / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            os.link(self.simulated / file, target)


def simulated_zone(folder: Path, million_events: float) -> Path:
    """The landing zone of a simulated shop in a folder, made on first use."""
    zone = folder / f"{million_events:g}-million" / "landing"
    if not (zone / "truth_identities.parquet").exists():  # which is written last
        visitors = int(million_events * 1_000_000 / EVENTS_PER_VISITOR)
        with Progress() as bar:
            task = bar.add_task(f"simulating {million_events:g} million events", total=DAYS)
            simulate(
                zone,
                days=DAYS,
                visitors=visitors,
                on_day=lambda done, _: bar.update(task, completed=done),
            )
    return zone


def shop_of(million_events: float, shops: Path, work: Path) -> Shop:
    """A shop that is simulated in the folder `shops` and measured in the folder `work`."""
    folder = work.absolute() / f"{million_events:g}-million"
    folder.mkdir(parents=True, exist_ok=True)
    return Shop(million_events, simulated_zone(shops.absolute(), million_events), folder)
