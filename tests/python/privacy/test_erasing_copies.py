"""What an erasure does with copies of the marts, and what the command says and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

import shoptrack.erasure.erase as steps
from shoptrack.cli import app
from shoptrack.erasure import Places
from shoptrack.landing import ensure_zone, land_table
from shoptrack.publishing import export_parquet
from tests.python.privacy import persons
from tests.python.privacy.persons import CUSTOMER, EMAIL, GUESTS_EMAIL, STRANGER, found_in
from tests.python.publishing.copies import write_copy
from tests.python.test_publishing import make_warehouse


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """A landing zone with the planted persons, and a small warehouse that knows none of them."""
    places = Places(
        zone=tmp_path / "landing",
        warehouse=make_warehouse(tmp_path / "warehouse.duckdb"),
        published=tmp_path / "published.duckdb",
        inbox=tmp_path / "inbox",
        proofs=tmp_path / "proofs",
    )
    ensure_zone(places.zone)
    persons.plant(places.zone)
    settings = {
        "SHOPTRACK_LANDING": places.zone,
        "SHOPTRACK_WAREHOUSE": places.warehouse,
        "SHOPTRACK_PUBLISHED": places.published,
        "SHOPTRACK_INBOX": places.inbox,
        "SHOPTRACK_ERASURES": places.proofs,
        "DBT_TARGET_PATH": tmp_path / "target",
        "DBT_LOG_PATH": tmp_path / "logs",
    }
    for name, path in settings.items():
        monkeypatch.setenv(name, str(path))
    monkeypatch.setattr(steps, "rebuild", lambda *_: True)
    return places


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A Parquet export with a row of the stranger, whose copy is gone."""
    copy = write_copy(
        tmp_path / "copy.duckdb", f"create table dim_visitors as select '{STRANGER}' as visitor_id"
    )
    folder = export_parquet(copy, tmp_path / "exports" / "marts").folder
    copy.unlink()
    return folder


def erase(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["erase", *arguments])


def test_an_export_is_replaced_where_no_copy_is_left(
    places: Places, export: Path, tmp_path: Path
) -> None:
    done = erase(STRANGER, "--yes", "--parquet", str(export))
    assert done.exit_code == 0, done.output
    assert found_in(tmp_path / "exports") == {}
    (proof,) = places.proofs.glob("*.json")
    assert json.loads(proof.read_text(encoding="utf-8"))["published_again"] == [
        str(places.published),
        str(export),
    ]


def test_a_folder_that_is_no_export_is_refused_before_anything_is_done(
    places: Places, export: Path
) -> None:
    for wrong in (export.with_name("mrats"), places.zone):
        done = erase(STRANGER, "--yes", "--parquet", str(wrong))
        assert done.exit_code == 1
        assert f"{wrong} is no Parquet export: name the folder that" in done.output
    assert not export.with_name("mrats").exists()
    assert found_in(places.zone)


def test_what_could_not_be_made_again_is_said(places: Places) -> None:
    done = erase(STRANGER, "--yes")
    assert done.exit_code == 0
    assert "note: there was no published copy" in done.output


def test_a_postgresql_that_does_not_answer_is_told_and_nothing_is_proven(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPTRACK_PUBLISHED_POSTGRES", "postgresql://nobody@127.0.0.1:1/shop")
    done = erase(STRANGER, "--yes")
    assert done.exit_code == 1
    assert "PostgreSQL cannot be searched: " in done.output
    assert "Run shoptrack erase again when it answers" in done.output
    assert not places.proofs.exists()


@pytest.mark.parametrize(
    "arguments",
    [(), (STRANGER, "--requests")],
)
def test_a_subject_or_all_requests_are_erased_not_both(
    places: Places, arguments: tuple[str, ...]
) -> None:
    done = erase(*arguments, "--yes")
    assert done.exit_code == 2
    assert "name a SUBJECT, or give --requests" in done.output
    assert found_in(places.zone)


def test_a_further_id_belongs_to_a_subject(places: Places) -> None:
    done = erase("--requests", "--also", "x", "--yes")
    assert done.exit_code == 2
    assert "--also ID is of one SUBJECT" in done.output


@pytest.mark.parametrize("export_too", [False, True])
def test_a_file_that_is_no_copy_is_neither_replaced_nor_removed(
    places: Places, export: Path, export_too: bool
) -> None:
    with duckdb.connect(str(places.published)) as connection:
        connection.execute("create table own_work as select 1 as number")
    before = places.published.read_bytes()
    more = ("--parquet", str(export)) if export_too else ()
    done = erase(STRANGER, "--yes", *more)
    assert done.exit_code == 1
    assert f"{places.published} is no copy that shoptrack published" in done.output
    assert places.published.read_bytes() == before
    assert found_in(places.zone)


def test_the_warehouse_is_not_removed_where_it_is_named_as_the_copy(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPTRACK_PUBLISHED", str(places.warehouse))
    done = erase(STRANGER, "--yes")
    assert done.exit_code == 1
    assert "is the warehouse itself" in done.output
    assert places.warehouse.exists()


def kill_an_erasure(places: Places, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """Let the command break off before the published copies."""
    with monkeypatch.context() as patched:
        patched.setattr(steps, "republish", lambda *_: 1 / 0)
        assert isinstance(erase(*arguments, "--yes").exception, ZeroDivisionError)
    assert (places.zone / steps.JOURNAL).exists()


@pytest.mark.parametrize(
    "arguments", [(STRANGER,), (f" {EMAIL.upper()}",), (CUSTOMER, "--also", "Loyalty-Card-77")]
)
def test_the_same_command_again_ends_an_erasure_that_was_killed(
    places: Places, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    kill_an_erasure(places, monkeypatch, *arguments)
    done = erase(*arguments, "--yes")
    assert done.exit_code == 0, done.output
    assert "it goes on first" in done.output
    assert len(list(places.proofs.glob("*.json"))) == 1


@pytest.mark.parametrize("other", [GUESTS_EMAIL, "cart-ana-77"])
def test_another_subject_is_erased_after_the_one_that_was_killed(
    places: Places, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    visitor = persons.event(50, "cart-ana-77", 30)  # called as the other one's cart is
    land_table(
        places.zone,
        "web.events",
        persons.as_table([visitor]),
        file_name="more",
        loaded_at=persons.LOADED_AT,
    )
    kill_an_erasure(places, monkeypatch, CUSTOMER)
    done = erase(other, "--yes")
    assert done.exit_code == 0, done.output
    assert len(list(places.proofs.glob("*.json"))) == 2
