"""After an erasure no byte of the persons is left, and everybody else's rows are as before."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from shoptrack.cli import app
from shoptrack.demo import simulate
from shoptrack.erasure.known import keyed_hash
from shoptrack.publishing import export_parquet, publish
from tests.python.privacy import persons
from tests.python.privacy.persons import (
    CUSTOMER,
    GONE,
    GUESTS_DEVICE,
    LAPTOP,
    PHONE,
    STRANGER,
    SUBJECTS,
    found_in,
)
from tests.python.warehouse import Project, Warehouse

OURS = f"('{PHONE}', '{LAPTOP}', '{GUESTS_DEVICE}', '{STRANGER}')"
# Marts with rows of one person: what says whose a row is, for those who were erased.
OF_PERSONS = {
    "fct_sessions": f"visitor_id in {OURS} or customer_id = '{CUSTOMER}'",
    "dim_visitors": f"visitor_id in {OURS}",
    "fct_orders": "order_id in ('order-ana-77', 'order-guest-77')",
    "fct_carts": "cart_id in ('cart-ana-77', 'cart-guest-77')",
    "fct_touchpoints": f"visitor_id in {OURS}",
    "fct_sales_ledger": "false",
}
# Sums that need no person.
TOTALS = (
    "select report_date, currency, orders, units, gross_sales, discounts, returns, net_sales, tax,"
    " shipping, total_sales from marts.rpt_sales_daily order by all"
)


@dataclass(frozen=True)
class Erased:
    """A shop before and after the erasure of three persons, and what the program said."""

    warehouse: Warehouse
    before: dict[str, pa.Table]
    totals_before: list[Any]
    held_before: set[str]
    old_zone: Path
    output: str
    proof: dict[str, Any]


@pytest.fixture(scope="module")
def erased(parsed_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Erased:
    """The demo shop with the planted persons, built and published, and then erased."""
    warehouse = Warehouse(parsed_project, tmp_path_factory.mktemp("shop"))
    simulate(warehouse.zone, days=14, visitors=700, seed=7)
    persons.plant(warehouse.zone)
    warehouse.build()
    published = warehouse.folder / "published" / "marts.duckdb"
    exports = warehouse.folder / "exports"
    for _ in range(3):  # the copies before it are kept
        publish(warehouse.file, published)
    export_parquet(published, exports)
    before = warehouse.read([f"marts.{name}" for name in OF_PERSONS])
    totals, held = warehouse.query(TOTALS), found_in(warehouse.folder)
    old_zone = tmp_path_factory.mktemp("old") / "landing"
    shutil.copytree(warehouse.zone, old_zone)
    settings = {
        "SHOPTRACK_LANDING": str(warehouse.zone),
        "SHOPTRACK_WAREHOUSE": str(warehouse.file),
        "SHOPTRACK_PUBLISHED": str(published),
        "SHOPTRACK_INBOX": str(warehouse.folder / "inbox"),
        "SHOPTRACK_ERASURES": str(warehouse.folder / "proofs"),
        "DBT_TARGET_PATH": str(warehouse.folder / "target"),
        "DBT_LOG_PATH": str(warehouse.folder / "logs"),
    }
    arguments = ["erase", "--requests", "--yes", "--parquet", str(exports)]
    done = CliRunner().invoke(app, arguments, env=settings)
    assert done.exit_code == 0, done.output
    (proof,) = (warehouse.folder / "proofs").glob("*.json")
    return Erased(
        warehouse=warehouse,
        before=before,
        totals_before=totals,
        held_before=set(held),
        old_zone=old_zone,
        output=done.output,
        proof=json.loads(proof.read_text(encoding="utf-8")),
    )


def test_no_byte_of_the_persons_is_in_landing_zone_warehouse_or_any_copy(erased: Erased) -> None:
    places = {path.split("/")[0].split(".")[path[0] == "."] for path in erased.held_before}
    assert places == {"landing", "warehouse", "published", "exports"}
    copies = {path for path in erased.held_before if path.startswith("published/")}
    assert len(copies) == 4, "three copies, and the link that names the newest"
    assert found_in(erased.warehouse.folder) == {}


def test_the_marts_are_those_of_a_shop_that_never_had_the_persons(
    erased: Erased, parsed_project: Project, tmp_path: Path
) -> None:
    other = Warehouse(parsed_project, tmp_path)
    for file in erased.warehouse.landed():
        target = other.zone / file
        if file.name.startswith("planted"):
            table = f"{file.parts[0]}.{file.parts[1]}"
            _write_remaining(table, erased.old_zone / file, target)
        else:
            target.write_bytes((erased.old_zone / file).read_bytes())
    other.build()
    assert erased.warehouse.difference(other) == ""


def _write_remaining(table: str, before: Path, after: Path) -> None:
    """Write the planted rows as they must be, with the columns and stamps of the file before."""
    with duckdb.connect() as connection:
        old = connection.sql(f"select * from read_parquet('{before}')").to_arrow_table()
    stamps = old.slice(0, 1).to_pylist()[0]
    rows = [
        {
            **{name: row.get(name) for name in old.column_names},
            "_loaded_at": stamps["_loaded_at"],
            "_source_file": stamps["_source_file"],
        }
        for row in persons.remaining(table, persons.rows()[table])
    ]
    remaining = pa.Table.from_pylist(rows, schema=old.schema)
    noted = pq.read_metadata(before).metadata  # what landing noted of the export
    note = {key: value for key, value in noted.items() if key != b"ARROW:schema"}
    pq.write_table(remaining.replace_schema_metadata(note), after)


def test_all_rows_of_other_persons_are_as_they_were(erased: Erased) -> None:
    after = erased.warehouse.read(list(erased.before))
    for name, is_theirs in OF_PERSONS.items():
        mart = f"marts.{name}"
        with duckdb.connect() as connection:
            connection.register("before", erased.before[mart])
            connection.register("after", after[mart])
            others = f"select * from before where not coalesce({is_theirs}, false)"
            (kept,) = connection.sql(f"select count(*) from ({others})").fetchall()[0]
            lost = connection.sql(f"{others} except all from after").fetchall()
        assert kept > 10, name
        # The device that is shared is now Ben's alone, so that its sessions and cart are his.
        mixed = [row for row in lost if persons.SHARED in row or "order-ana-77" in row]
        assert lost == mixed, name


def test_totals_that_need_no_person_stay(erased: Erased) -> None:
    assert len(erased.totals_before) >= 14
    assert erased.warehouse.query(TOTALS) == erased.totals_before
    orders = erased.warehouse.query(
        "select order_id, customer_id, visitor_id, cart_id, gross_sales from marts.fct_orders"
        " where order_id like '%-77' order by order_id"
    )
    assert [(row[0], row[1], float(row[4])) for row in orders] == [
        ("order-ana-77", None, 50.0),
        ("order-ben-77", persons.OTHER_CUSTOMER, 30.0),
        ("order-guest-77", None, 20.0),
    ]
    assert {row[2:4] for row in orders} == {(None, None)}


def test_an_ordinary_build_goes_on_from_the_erased_warehouse_exactly(erased: Erased) -> None:
    late = persons.as_table([persons.event(99, persons.NEIGHBOUR, 20)])
    erased.warehouse.land("web.events", late, "late.csv", persons.LOADED_AT)
    erased.warehouse.build_state()
    erased.warehouse.assert_exact(state_only=True)


def test_the_proof_names_what_was_done_and_no_person(erased: Erased) -> None:
    proof = erased.proof
    assert proof["subject_hashes"] == [keyed_hash(subject) for subject in SUBJECTS]
    assert proof["warehouse"]["sha256_before"] != proof["warehouse"]["sha256_after"]
    assert len(proof["published_again"]) == 2
    assert proof["verification"]["found"] == 0
    assert proof["verification"]["searched_for_anywhere"] >= len(set(GONE)) - 2
    assert "Proof: " in erased.output
