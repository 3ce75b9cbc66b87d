"""The inbox: what is dropped is landed once, or stays with the reason."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.defs.landing import inbox as landing_inbox
from orchestration.defs.landing.inbox import (
    NOTE_ENDING,
    Landing,
    inbox_files,
    land_waiting,
    make_inbox,
    refused_files,
    waiting_files,
)
from shoptrack.contract import tables
from shoptrack.landing import ensure_zone, land_file

GOOD = "event_id,event_at,event_name,visitor_id\n{},2025-01-01,page_view,v\n"
BAD = "event_id,event_at\ne1,2025-01-01\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """An empty inbox with its folders."""
    folder = tmp_path / "inbox"
    make_inbox(folder, tables())
    return folder


@pytest.fixture
def zone(tmp_path: Path) -> Path:
    """An empty landing zone."""
    folder = tmp_path / "zone"
    ensure_zone(folder)
    return folder


def drop(path: Path, content: str | bytes, age_seconds: float = 60) -> Path:
    """Put a file into the inbox that was written some time ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    written_at = time.time() - age_seconds
    os.utime(path, (written_at, written_at))
    return path


def land(inbox: Path, zone: Path) -> dict[str, Landing]:
    """Land what waits; what became of it by file name."""
    return {landing.file.path.name: landing for landing in land_waiting(inbox, zone)}


def landed_events(zone: Path) -> list[str]:
    """Event ids in the landing zone."""
    files = sorted((zone / "web" / "events").glob("*.parquet"))
    ids = [value for file in files for value in pq.read_table(file)["event_id"].to_pylist()]
    return sorted(ids)


def test_there_is_a_folder_for_every_raw_table(inbox: Path) -> None:
    assert {path.name for path in inbox.iterdir()} == set(tables())
    assert inbox_files(inbox) == []
    assert inbox_files(inbox / "nowhere") == []


def test_a_good_file_is_landed_and_moved(inbox: Path, zone: Path) -> None:
    file = drop(inbox / "web.events" / "march.csv", GOOD.format("e1"))
    landing = land(inbox, zone)["march.csv"]
    assert landing.landed is not None
    assert (landing.landed.is_new, landing.landed.row_count) == (True, 1)
    assert landing.refusal == ""
    assert landed_events(zone) == ["e1"]
    assert not file.exists()
    assert (file.parent / "landed" / "march.csv").read_text("utf-8") == GOOD.format("e1")
    assert land(inbox, zone) == {}


def test_a_refused_file_stays_with_the_reason_beside_it(inbox: Path, zone: Path) -> None:
    file = drop(inbox / "web.events" / "broken.csv", BAD)
    landing = land(inbox, zone)["broken.csv"]
    assert landing.landed is None
    assert "event_name" in landing.refusal
    text = (file.parent / "broken.csv.refused.txt").read_text("utf-8")
    assert text.startswith(f"broken.csv was not landed: {landing.refusal}\n")
    assert "tried again when the file changes or this note is removed" in text
    assert file.read_text("utf-8") == BAD
    assert [refused.path for refused in refused_files(inbox)] == [file]
    assert landed_events(zone) == []


def test_a_refused_file_is_not_tried_again_until_it_changes(inbox: Path, zone: Path) -> None:
    file = drop(inbox / "web.events" / "broken.csv", BAD)
    land(inbox, zone)
    assert land(inbox, zone) == {}
    drop(file, GOOD.format("e1"), age_seconds=30)
    assert refused_files(inbox) == []
    assert land(inbox, zone)["broken.csv"].landed is not None
    assert landed_events(zone) == ["e1"]
    left = [path.name for path in (inbox / "web.events").iterdir()]
    assert left == ["landed"], "a note about a file that was landed since"


def test_a_refused_file_is_tried_again_when_its_note_is_removed(inbox: Path, zone: Path) -> None:
    file = drop(inbox / "web.events" / "broken.csv", BAD)
    land(inbox, zone)
    file.with_name(file.name + NOTE_ENDING).unlink()
    assert land(inbox, zone).keys() == {"broken.csv"}


@pytest.mark.parametrize(
    "name", [".hidden.csv", "export.csv.part", "export.TMP", "a.crdownload", "a.csv.filepart"]
)
def test_hidden_and_unfinished_files_are_left_alone(inbox: Path, zone: Path, name: str) -> None:
    file = drop(inbox / "web.events" / name, GOOD.format("e1"))
    assert land(inbox, zone) == {}
    assert file.exists()


def test_a_file_that_is_still_being_written_waits(inbox: Path, zone: Path) -> None:
    file = drop(inbox / "web.events" / "growing.csv", GOOD.format("e1"), age_seconds=1)
    assert land(inbox, zone) == {}
    assert [waiting.path for waiting in waiting_files(inbox, settled_seconds=0.5)] == [file]


def test_a_file_of_a_name_that_was_landed_before_gets_a_number(inbox: Path, zone: Path) -> None:
    for number in range(3):
        drop(inbox / "web.events" / "daily.csv", GOOD.format(f"e{number}"))
        land(inbox, zone)
    landed = inbox / "web.events" / "landed"
    assert {path.name: path.read_text("utf-8") for path in landed.iterdir()} == {
        "daily.csv": GOOD.format("e0"),
        "daily.2.csv": GOOD.format("e1"),
        "daily.3.csv": GOOD.format("e2"),
    }
    assert landed_events(zone) == ["e0", "e1", "e2"]


def test_the_same_content_again_is_skipped_and_moved(inbox: Path, zone: Path) -> None:
    drop(inbox / "web.events" / "one.csv", GOOD.format("e1"))
    land(inbox, zone)
    again = drop(inbox / "web.events" / "again.csv", GOOD.format("e1"))
    landing = land(inbox, zone)["again.csv"]
    assert landing.landed is not None
    assert not landing.landed.is_new
    assert not again.exists()
    assert (again.parent / "landed" / "again.csv").exists()
    assert landed_events(zone) == ["e1"]


def test_a_file_in_a_wrong_folder_is_told_so(inbox: Path, zone: Path) -> None:
    file = drop(inbox / "web.evnts" / "a.csv", GOOD.format("e1"))
    assert "web.evnts" in land(inbox, zone)["a.csv"].refusal
    assert "web.evnts" in file.with_name("a.csv.refused.txt").read_text("utf-8")
    assert land(inbox, zone) == {}


def test_a_file_beside_the_folders_is_told_where_to_go(inbox: Path, zone: Path) -> None:
    file = drop(inbox / "a.csv", GOOD.format("e1"))
    assert "beside the folders of the raw tables" in land(inbox, zone)["a.csv"].refusal
    assert file.exists()
    assert [refused.table for refused in refused_files(inbox)] == [""]


def test_one_bad_file_does_not_stop_the_others(inbox: Path, zone: Path) -> None:
    drop(inbox / "web.events" / "a.csv", GOOD.format("e1"))
    drop(inbox / "web.events" / "b.csv", BAD)
    drop(inbox / "web.events" / "c.csv", GOOD.format("e2"))
    found = land(inbox, zone)
    assert [name for name, landing in found.items() if landing.landed] == ["a.csv", "c.csv"]
    assert landed_events(zone) == ["e1", "e2"]


def test_a_file_that_is_taken_away_meanwhile_does_not_stop_the_others(
    inbox: Path, zone: Path
) -> None:
    drop(inbox / "web.events" / "a.csv", GOOD.format("e1"))
    taken = drop(inbox / "web.events" / "b.csv", GOOD.format("e2"))
    drop(inbox / "web.events" / "c.csv", GOOD.format("e3"))
    names = []
    for landing in land_waiting(inbox, zone):
        names.append(landing.file.path.name)
        taken.unlink(missing_ok=True)
    assert names == ["a.csv", "c.csv"]


def test_a_file_that_takes_the_place_of_one_that_is_landed_is_landed_too(
    inbox: Path, zone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = drop(inbox / "web.events" / "daily.csv", GOOD.format("e1"))

    def land_and_replace(*given: Any) -> Any:
        landed = land_file(*given)
        drop(file, GOOD.format("e2"), age_seconds=30)
        return landed

    with monkeypatch.context() as patch:
        patch.setattr(landing_inbox, "land_file", land_and_replace)
        land(inbox, zone)
    assert file.read_text("utf-8") == GOOD.format("e2")
    assert land(inbox, zone)["daily.csv"].landed is not None
    assert landed_events(zone) == ["e1", "e2"]
    assert not file.exists()


def test_a_column_of_a_type_that_cannot_be_read_does_not_stop_the_other_files(
    inbox: Path, zone: Path
) -> None:
    names = ("event_id", "event_at", "event_name", "visitor_id")
    texts = {name: ["x"] for name in names}
    wide = pa.array([{"a": None}], pa.struct([("a", pa.decimal256(60, 2))]))
    bad = drop(inbox / "web.events" / "a.parquet", "")
    pq.write_table(pa.table({**texts, "price": wide}), bad)
    drop(bad, bad.read_bytes())
    drop(inbox / "web.events" / "b.csv", GOOD.format("e1"))
    found = land(inbox, zone)
    assert "column price: values of the type struct<a: decimal256(60, 2)>" in (
        found["a.parquet"].refusal
    )
    assert landed_events(zone) == ["e1"]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster without any history."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def asked(instance: dg.DagsterInstance) -> list[Any]:
    """What the sensor asks for when Dagster's daemon calls it."""
    from orchestration.defs.landing.sensor import inbox_sensor  # noqa: PLC0415

    context = dg.build_sensor_context(instance, sensor_name=inbox_sensor.name)
    answers: Any = inbox_sensor(context)  # Dagster's type is of all that a sensor may give
    return list(answers)


@pytest.mark.parametrize("ended", [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE])
def test_files_that_wait_together_are_one_run_and_the_next_comes_after_it(
    inbox: Path,
    instance: dg.DagsterInstance,
    ended: dg.DagsterRunStatus,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOPTRACK_INBOX", str(inbox))
    [nothing] = asked(instance)
    assert isinstance(nothing, dg.SkipReason)
    drop(inbox / "web.events" / "a.csv", GOOD.format("e1"))
    drop(inbox / "web.events" / "b.csv", GOOD.format("e2"))
    [request] = asked(instance)
    assert isinstance(request, dg.RunRequest)
    assert request.tags["files"] == "web.events/a.csv, web.events/b.csv"

    started = dg.DagsterRunStatus.STARTED
    instance.add_run(dg.DagsterRun(job_name="check_freshness", status=started))  # lands nothing
    assert isinstance(asked(instance)[0], dg.RunRequest)
    run = dg.DagsterRun(job_name="refresh_nightly", status=started)
    instance.add_run(run)
    (inbox / "web.events" / "a.csv").unlink()  # landed by the run, which goes on
    [waits] = asked(instance)
    assert isinstance(waits, dg.SkipReason)
    assert "has not ended" in str(waits.skip_message)

    instance.delete_run(run.run_id)
    instance.add_run(dg.DagsterRun(job_name="refresh", status=ended))
    [again] = asked(instance)
    assert isinstance(again, dg.RunRequest)
    assert again.run_key != request.run_key
