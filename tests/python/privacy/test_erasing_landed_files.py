"""What an erasure takes from landed files, what it leaves, and who does not come back."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import shoptrack.erasure.erase as steps
import shoptrack.erasure.landed as landed_steps
from shoptrack.contract import PROJECT_ROOT, find_table
from shoptrack.erasure import (
    Erasure,
    ErasureError,
    Person,
    Places,
    begin,
    find_person,
    open_requests,
    pending,
)
from shoptrack.erasure.known import ByIdentifiers, keyed_hash
from shoptrack.erasure.landed import sha256
from shoptrack.erasure.rules import clean
from shoptrack.erasure.search import Words, search_file
from shoptrack.landing import RefusedFileError, ensure_zone, land_table
from shoptrack.landing.zone import install, temporary_file
from tests.python.privacy import persons
from tests.python.privacy.persons import (
    CUSTOMER,
    EMAIL,
    GONE,
    GUESTS_EMAIL,
    LAPTOP,
    LOADED_AT,
    PHONE,
    PHONE_NUMBER,
    SHARED,
    STAYS,
    STRANGER,
    SUBJECTS,
    found_in,
)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A landing zone with the planted persons, and no warehouse."""
    places = Places(
        zone=tmp_path / "landing",
        warehouse=tmp_path / "warehouse.duckdb",
        published=tmp_path / "published.duckdb",
        inbox=tmp_path / "inbox",
        proofs=tmp_path / "proofs",
    )
    ensure_zone(places.zone)
    persons.plant(places.zone)
    return places


def everybody(zone: Path) -> Person:
    """All persons who asked, together."""
    found = [find_person(zone, subject) for subject in SUBJECTS]
    return found[0].joined(found[1]).joined(found[2])


def contents(zone: Path) -> dict[str, list[dict[str, Any]]]:
    """Rows of the planted files by raw table, without nulls."""
    files = {f"{path.parts[-3]}.{path.parts[-2]}": path for path in zone.glob("*/*/planted*")}
    return {
        table: [
            {name: value for name, value in row.items() if value is not None}
            for row in pq.read_table(path).to_pylist()
        ]
        for table, path in files.items()
    }


@pytest.mark.parametrize(
    "subject",
    [CUSTOMER, EMAIL, f" {EMAIL.upper()} ", PHONE_NUMBER, "00491707700177", PHONE, LAPTOP],
)
def test_whatever_names_a_customer_finds_all_devices_that_are_hers_alone(
    places: Places, subject: str
) -> None:
    person = find_person(places.zone, subject)
    assert person.of("customer") == {CUSTOMER}
    assert person.of("visitor") == {PHONE, LAPTOP}
    assert person.of("email") == {EMAIL.lower()}
    assert person.of("phone") == {"+491707700177"}
    assert person.of("order") == {"order-ana-77"}
    assert person.of("cart") == {"cart-ana-77"}
    assert person.of("click") == {"click-ana-77"}


def test_a_guest_is_found_by_her_email_and_a_visitor_by_his_device(places: Places) -> None:
    guest = find_person(places.zone, GUESTS_EMAIL)
    assert guest.counts == {"email": 1, "visitor": 1, "cart": 1, "order": 1}
    assert find_person(places.zone, STRANGER).counts == {"visitor": 1}


def test_a_device_of_several_customers_names_nobody(places: Places) -> None:
    with pytest.raises(ErasureError, match="a device that 2 customers used: name the customer"):
        find_person(places.zone, SHARED)
    with pytest.raises(ErasureError, match="no landed row names 'nobody'"):
        find_person(places.zone, "nobody")


def test_a_further_id_is_taken_as_it_is_given(places: Places) -> None:
    person = find_person(places.zone, STRANGER, also=["only-in-an-adapter", "Old@Mail.Example"])
    assert person.of("visitor") == {STRANGER, "only-in-an-adapter"}
    assert person.of("email") == {"old@mail.example"}


def test_an_email_of_many_customers_leads_from_none_to_another(places: Places) -> None:
    rows = [{"customer_id": f"till-{n}", "email": "till@shop.example"} for n in range(5)]
    land_table(
        places.zone,
        "shop.customers",
        persons.as_table(rows),
        file_name="tills",
        loaded_at=LOADED_AT,
    )
    assert find_person(places.zone, "till-3").counts == {"customer": 1}


def test_erasing_leaves_all_other_rows_byte_for_byte(places: Places) -> None:
    before, names = contents(places.zone), sorted(places.zone.glob("*/*/*.parquet"))
    times = {path: path.stat().st_mtime_ns for path in names}
    written = {text for texts in found_in(places.zone).values() for text in texts}
    assert written == set(GONE) - {"+491707700177"}  # the phone is written with blanks
    proof = begin(places, everybody(places.zone)).run()
    assert found_in(places.zone) == {}
    assert sorted(places.zone.glob("*/*/*.parquet")) == names
    assert {path: path.stat().st_mtime_ns for path in names} == times
    after = contents(places.zone)
    for table, planted in persons.rows().items():
        stamps = [
            {name: row[name] for name in ("_loaded_at", "_source_file")} for row in before[table]
        ]
        expected = [{**row, **stamps[0]} for row in persons.remaining(table, planted)]
        assert after[table] == expected, table
    assert set().union(*found_in(places.zone, STAYS).values()) == set(STAYS)
    assert found_in(proof.parent) == {}


def test_the_proof_says_what_was_done_and_nothing_of_the_person(places: Places) -> None:
    proof = begin(places, everybody(places.zone)).run()
    found = json.loads(proof.read_text(encoding="utf-8"))
    assert found["subject_hashes"] == [keyed_hash(subject) for subject in SUBJECTS]
    assert found["identifiers"]["visitor"] == 4
    files = {file["path"].rsplit("/", 1)[0]: file for file in found["landing_zone"]["files"]}
    assert files["web/events"]["rows_dropped"] == 8
    assert files["web/events"]["rows_without_person"] == 1
    assert files["shop/orders"]["rows_without_person"] == 2
    assert all(file["sha256_before"] != file["sha256_after"] for file in files.values())
    assert found["verification"]["found"] == 0
    assert found["verification"]["searched_for_anywhere"] >= 10
    assert found["left_to_the_operator"]
    assert open_requests(places.zone) == []


def test_erased_persons_do_not_come_back_with_another_export(places: Places) -> None:
    begin(places, everybody(places.zone)).run()
    for table, planted in persons.rows().items():
        if table == "shop.erasure_requests":
            continue
        extra = {**planted[-1], **({"event_id": "more"} if table == "web.events" else {})}
        extra = {k: v for k, v in extra.items() if v not in GONE}
        landed = land_table(
            places.zone,
            table,
            persons.as_table([*planted, extra]),
            file_name="again",
            loaded_at=LOADED_AT,
        )
        assert landed.is_new
        gone = len(planted) - len(persons.remaining(table, planted))
        assert landed.row_count == len(planted) + 1 - gone
        assert landed.erased_row_count >= gone
    # What only a text of somebody else says cannot be told by a hash.
    assert {text for texts in found_in(places.zone).values() for text in texts} <= {
        EMAIL,
        EMAIL.lower(),
    }


def test_landing_is_refused_where_the_erased_cannot_be_recognized(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(places, find_person(places.zone, STRANGER)).run()
    monkeypatch.setenv("SHOPTRACK_HASH_KEY", "another key than before")
    with pytest.raises(RefusedFileError, match="set the key of that time"):
        land_table(
            places.zone,
            "web.events",
            persons.as_table(persons.events()[:3]),
            file_name="again",
            loaded_at=LOADED_AT,
        )


def test_a_killed_erasure_goes_on_where_it_stopped(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = 0
    rewrite = landed_steps.rewrite

    def stop(*arguments: Any) -> Any:
        nonlocal done
        done += 1
        if done > 3:
            raise KeyboardInterrupt
        return rewrite(*arguments)

    person = everybody(places.zone)
    with monkeypatch.context() as patched:
        patched.setattr(steps, "rewrite", stop)
        with pytest.raises(KeyboardInterrupt):
            begin(places, person).run()
    assert found_in(places.zone)
    assert not places.proofs.exists()
    unfinished = pending(places)
    assert isinstance(unfinished, Erasure)
    assert unfinished.person == person
    proof = unfinished.run()
    assert found_in(places.zone) == {}
    files = json.loads(proof.read_text(encoding="utf-8"))["landing_zone"]["files"]
    assert sorted(file["path"].rsplit("/", 1)[0] for file in files) == sorted(
        {
            *("shop/customers", "shop/erasure_requests", "shop/messages", "shop/orders"),
            *("shop/reviews", "web/consents", "web/events", "web/experiment_exposures"),
        }
    )
    assert pending(places) is None


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_proof_names_a_file_whenever_the_erasure_was_killed(
    places: Places, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {path: sha256(path) for path in landed_steps.landed_files(places.zone)}
    folder = places.inbox / "web.events" / "landed"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text(f"visitor_id\n{STRANGER}\n", encoding="utf-8")
    killed: set[Path] = set()

    def stop_once(temporary: Path, target: Path) -> None:
        if when == "after":
            install(temporary, target)
        if target not in killed:
            killed.add(target)
            raise KeyboardInterrupt
        if when == "before":
            install(temporary, target)

    monkeypatch.setattr(landed_steps, "install", stop_once)
    erasure = begin(places, everybody(places.zone))
    for _ in range(20):
        try:
            proof = erasure.run()
        except KeyboardInterrupt:
            again = pending(places)
            assert again is not None
            erasure = again
        else:
            break
    files = json.loads(proof.read_text(encoding="utf-8"))["landing_zone"]["files"]
    described = {places.zone / file["path"]: file for file in files}
    assert described.keys() == killed
    assert len(files) == len(killed) == 8
    assert {path: file["sha256_before"] for path, file in described.items()} == {
        path: old[path] for path in described
    }
    assert {path: file["sha256_after"] for path, file in described.items()} == {
        path: sha256(path) for path in described
    }


def test_what_killed_processes_left_is_removed_and_what_is_being_landed_waits(
    places: Places,
) -> None:
    folder = places.zone / "web" / "events"
    for leftover in (folder / ".landing-1-a", places.zone / ".landing-1-b"):
        leftover.write_bytes(b"PAR1" + STRANGER.encode())
    with temporary_file(folder) as temporary:
        temporary.write_bytes(b"PAR1" + STRANGER.encode())
        with pytest.raises(ErasureError, match=f"a file is being landed in {folder}: run"):
            begin(places, find_person(places.zone, STRANGER)).run()
    assert not places.proofs.exists()
    unfinished = pending(places)
    assert unfinished is not None
    unfinished.run()
    assert STRANGER not in {text for texts in found_in(places.zone).values() for text in texts}
    assert [path for path in places.zone.rglob(".landing-*") if path.is_file()] == []


def test_originals_that_were_removed_before_a_kill_are_counted(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = places.inbox / "web.events" / "landed"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text(f"visitor_id\n{STRANGER}\n", encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(steps, "republish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            begin(places, find_person(places.zone, STRANGER)).run()
    unfinished = pending(places)
    assert unfinished is not None
    proof = json.loads(unfinished.run().read_text(encoding="utf-8"))
    assert proof["inbox_originals_removed"] == 1


def test_nothing_is_erased_while_a_build_holds_the_warehouse(places: Places) -> None:
    duckdb.connect(str(places.warehouse)).close()
    program = (
        "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(places.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT_ROOT,
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(ErasureError, match=f"in use by process {holder.pid}: another build"):
            begin(places, find_person(places.zone, STRANGER)).run()
        holder.communicate(b"done")
    assert STRANGER in {text for texts in found_in(places.zone).values() for text in texts}
    assert pending(places) is None


def test_originals_in_the_inbox_that_were_landed_go_and_others_are_named(places: Places) -> None:
    folder = places.inbox / "web.events"
    (folder / "landed").mkdir(parents=True)
    for name, text in (("landed/a.csv", STRANGER), ("landed/b.csv", "else"), ("c.csv", STRANGER)):
        (folder / name).write_text(f"visitor_id\n{text}\n", encoding="utf-8")
    proof = begin(places, find_person(places.zone, STRANGER)).run()
    assert sorted(path.name for path in folder.rglob("*.csv")) == ["b.csv", "c.csv"]
    found = json.loads(proof.read_text(encoding="utf-8"))
    assert found["inbox_originals_removed"] == 1
    assert any("c.csv" in left for left in found["left_to_the_operator"])


def test_damaged_files_of_the_inbox_are_named_and_stop_nothing(places: Places) -> None:
    folder = places.inbox / "web.events"
    folder.mkdir(parents=True)
    packed = gzip.compress(f"visitor_id\n{STRANGER}\n".encode())
    (folder / "cut.csv.gz").write_bytes(packed[:-9])
    (folder / "cut.parquet").write_bytes(b"PAR1 and nothing more")
    proof = begin(places, find_person(places.zone, STRANGER)).run()
    left = json.loads(proof.read_text(encoding="utf-8"))["left_to_the_operator"]
    assert [line for line in left if "cannot be read" in line] == [
        f"a file of the inbox that cannot be read: {folder / name}"
        for name in ("cut.csv.gz", "cut.parquet")
    ]


def test_what_is_packed_is_searched_whatever_its_name_is(tmp_path: Path) -> None:
    words = Words(frozenset({STRANGER}), {})
    texts = [f"{STRANGER} {number}" for number in range(5000)]
    unpacked = "\n".join(texts).encode()
    (tmp_path / "export.backup").write_bytes(gzip.compress(unpacked))
    pq.write_table(pa.table({"who": texts}), tmp_path / "mart.old", compression="zstd")
    with duckdb.connect(str(tmp_path / "warehouse.db")) as connection:
        connection.register("texts", pa.table({"who": texts}))
        connection.execute("create table marts as select * from texts")
    assert search_file(tmp_path / "export.backup", words) == ["unpacked"]
    assert search_file(tmp_path / "mart.old", words)[-1] == "who"
    assert search_file(tmp_path / "warehouse.db", words)[-1] == "main.marts.who"


def test_a_damaged_file_that_must_be_searched_proves_nothing(places: Places) -> None:
    beside = places.warehouse.with_name(f"{places.warehouse.name}.old")
    beside.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(ErasureError, match=r"warehouse.duckdb.old cannot be searched: "):
        begin(places, find_person(places.zone, STRANGER)).run()
    assert not places.proofs.exists()
    beside.unlink()
    unfinished = pending(places)
    assert unfinished is not None
    assert unfinished.run().exists()


def test_a_leftover_is_found_and_nothing_is_proven(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "find_changes", lambda *_: {})
    with pytest.raises(ErasureError, match=r"the person is still found in .*events"):
        begin(places, find_person(places.zone, STRANGER)).run()
    assert not places.proofs.exists()


def test_a_number_is_an_id_where_no_digit_is_beside_it_and_json_stays_valid() -> None:
    person = Person(("10000334",), {"customer": frozenset({"10000334"})})
    texts = ["[10000334,10000334]", '{"a": 10000334, "b": "x-10000334"}', "1735100003340000"]
    column = pa.chunked_array([texts])
    first, second, third = ByIdentifiers(person).scrubbed("event_params", column).to_pylist()
    assert json.loads(first) == ["(erased)", "(erased)"]
    assert json.loads(second) == {"a": "(erased)", "b": "x-(erased)"}
    assert third == texts[2]
    assert ByIdentifiers(person).scrubbed("batch_page_id", column) is column


def test_an_id_that_is_somebody_elses_cart_is_replaced_in_no_text(tmp_path: Path) -> None:
    ensure_zone(tmp_path)
    url = {"page_url": f"https://shop.example/?cart={STRANGER}"}
    rows = [
        persons.event(1, STRANGER, 0),
        persons.event(2, persons.NEIGHBOUR, 1, cart_id=STRANGER, **url),
    ]
    table = persons.as_table(rows)
    landed = land_table(tmp_path, "web.events", table, file_name="both", loaded_at=LOADED_AT)
    person = find_person(tmp_path, STRANGER)
    assert person.ambiguous == {STRANGER}
    (stays,) = clean(
        find_table("web.events"), pq.read_table(landed.path), ByIdentifiers(person)
    ).rows.to_pylist()
    assert (stays["cart_id"], stays["page_url"]) == (STRANGER, url["page_url"])


def test_the_hash_of_python_is_that_of_sql(parsed_project: Any, tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as secrets")
        connection.execute("create table secrets.main.hash_key as select 'k é' as hash_key")
        macro = parsed_project.macro("default__keyed_hash")
        sql = macro[macro.index("case") : macro.index("end\n") + 3]
        key = "(select hash_key from secrets.main.hash_key)"
        text = sql.replace("{{ text }}", "'a ü'").replace("{{ key }}", key)
        assert connection.sql(f"select {text}").fetchall() == [(keyed_hash("a ü", "k é"),)]
