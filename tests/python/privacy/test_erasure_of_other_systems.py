"""What other systems exported of a person goes as well: nested, in every shape, in every copy."""

from __future__ import annotations

import json
from collections.abc import Iterator
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
from shoptrack.erasure import Person, Places, begin, find_person
from shoptrack.landing import ensure_zone
from shoptrack.landing.kinds import METADATA_KEY
from shoptrack.publishing import load_postgres, publish
from tests.python.privacy import other_systems, persons
from tests.python.privacy.persons import (
    CUSTOMER,
    EMAIL,
    GONE,
    GUESTS_DEVICE,
    GUESTS_EMAIL,
    LAPTOP,
    PHONE,
    SHARED,
    found_in,
)
from tests.python.publishing.server import NOT_INSTALLED, Server, programs, running_server
from tests.python.warehouse import Project, Warehouse

slow = pytest.mark.slow
TRACKERS = ("ga4", "snowplow", "segment")
# Of the stranger, who is erased elsewhere, nothing is asked here.
NAMED = tuple(text for text in GONE if text != persons.STRANGER)
GOES = {*NAMED, *other_systems.NESTED}
TOTALS = (
    "select report_date, currency, orders, units, gross_sales, discounts, returns, net_sales, tax,"
    " shipping, total_sales from marts.rpt_sales_daily order by all"
)
BY_COUNTRY = (
    "select country, currency, count(*), sum(total_sales) from marts.fct_orders group by all"
    " order by all"
)
OF_PERSONS = (
    *("visitor_id", "customer_id", "person_key", "person_id", "order_id", "cart_id", "identifier"),
    *("identity_id", "other_identity_id", "guarded_identity_id"),
)

# They compare a customer with all others.
RELATIVE = ("r_score", "f_score", "m_score", "segment")
RELATIVE_MARTS = (
    *("marts.fct_customer_churn", "marts.fct_customer_segments", "marts.fct_customer_value"),
    *("marts.fct_browsing_segments", "marts.rpt_audience_list"),
)
RELATIVE_MODELS = ("markov", "shapley")


def found_persons(zone: Path) -> tuple[Person, Person]:
    """The planted customer and guest, as they are found."""
    return find_person(zone, CUSTOMER), find_person(zone, GUESTS_EMAIL)


@pytest.fixture(params=TRACKERS)
def zone(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A landing zone with nothing but the planted persons."""
    ensure_zone(tmp_path / "landing")
    other_systems.plant(tmp_path / "landing", request.param)
    return tmp_path / "landing"


def test_who_belongs_together_is_found_in_the_tables_of_other_systems(
    zone: Path, request: pytest.FixtureRequest
) -> None:
    ana, guest = found_persons(zone)
    segments_own = {"ana-device-of-mail-77"} if (zone / "segment").exists() else set()
    assert ana.of("visitor") == {PHONE, LAPTOP, "loaded-ana-visitor-77", *segments_own}
    assert ana.of("email") == {EMAIL.lower()}
    assert ana.of("phone") == {"+491707700177", "+49307700277"}
    assert ana.of("order") == {"order-ana-77", "order-loaded-77"}
    assert ana.of("cart") == {"cart-ana-77", "cart-fivetran-77"}
    assert ana.of("click") == {"click-ana-77"}
    assert guest.of("visitor") == {GUESTS_DEVICE, "guest-csv-visitor-77"}
    assert guest.of("order") == {"order-csv-77", "#csv77"}
    assert guest.of("cart") == {"cart-guest-77"}
    assert guest.of("phone") == {"+49307700278"}
    assert not guest.of("customer")


def test_nothing_of_the_persons_is_left_in_landed_files(zone: Path) -> None:
    ana, guest = found_persons(zone)
    before = {path: pq.read_metadata(path).metadata for path in zone.glob("*/*/planted*.parquet")}
    assert len(before) >= 10
    begin(_places(zone), ana.joined(guest)).run()
    assert found_in(zone, GOES) == {}
    kept = set().union(*found_in(zone, [SHARED, persons.NEIGHBOUR, *other_systems.ORDERS]).values())
    assert kept == {SHARED, persons.NEIGHBOUR, *other_systems.ORDERS}
    for path, metadata in before.items():
        key = METADATA_KEY.encode()
        assert pq.read_metadata(path).metadata[key] == metadata[key], path


def test_money_and_country_of_an_order_stay_to_the_digit(zone: Path) -> None:
    file = next(zone.glob("shopify/orders/*.parquet"))
    before = pq.read_table(file).to_pylist()
    begin(_places(zone), find_person(zone, CUSTOMER)).run()
    after = pq.read_table(file).to_pylist()
    assert after[1] == before[1]
    ours = after[0]
    assert json.loads(ours["shipping_address"]) == {"country_code": "DE"}
    assert ours["total_price"] == "50.00"
    assert [line["price"] for line in json.loads(ours["line_items"])] == ["50.00"]
    refund = json.loads(ours["refunds"])[0]
    assert refund["transactions"] == [{"kind": "refund"}]
    assert refund["refund_line_items"][0]["quantity"] == 1
    lost = ("email", "contact_email", "phone", "customer", "note_attributes", "browser_ip")
    assert {ours[name] for name in lost} == {None}


def test_an_old_export_of_another_system_brings_nobody_back(
    zone: Path, request: pytest.FixtureRequest
) -> None:
    ana, guest = found_persons(zone)
    begin(_places(zone), ana.joined(guest)).run()
    tracker = next(name for name in TRACKERS if (zone / name).exists())
    other_systems.plant(zone, tracker, name="again")
    assert found_in(zone, GOES - {EMAIL, EMAIL.lower()}) == {}
    # What only a text of somebody else says cannot be told by a hash.
    again = found_in(zone, [EMAIL])
    assert all("/events/" in path for path in again)


def _places(zone: Path) -> Places:
    folder = zone.parent
    return Places(
        zone=zone,
        warehouse=folder / "warehouse.duckdb",
        published=folder / "published" / "marts.duckdb",
        inbox=folder / "inbox",
        proofs=folder / "proofs",
    )


@dataclass(frozen=True)
class Erased:
    """A shop of other systems' exports before and after an erasure."""

    warehouse: Warehouse
    held_before: set[str]
    before: dict[str, pa.Table]
    totals_before: list[Any]
    texts: set[str]
    visitors: set[str]
    ids: set[str]
    database: str


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A real PostgreSQL."""
    if not programs():
        pytest.skip(NOT_INSTALLED)
    with running_server() as running:
        yield running


@pytest.fixture(
    scope="module",
    params=[pytest.param("ga4", marks=slow), pytest.param("snowplow", marks=slow), "segment"],
)
def erased(
    request: pytest.FixtureRequest,
    adapted_project: Project,
    server: Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Erased:
    """The demo shop as a tracker and Shopify export it, built, published, and erased."""
    dialects = [request.param, "shopify"]
    warehouse = Warehouse(adapted_project, tmp_path_factory.mktemp("shop"))
    simulate(warehouse.zone, days=8, visitors=400, seed=7, dialects=dialects)
    other_systems.plant(warehouse.zone, request.param)
    customer, guest = _of_the_demo(warehouse.zone)
    subjects = (CUSTOMER, GUESTS_EMAIL, customer, guest)
    other_systems.ask(warehouse.zone, subjects)
    found = [find_person(warehouse.zone, subject) for subject in subjects]
    texts = {text for person in found for text in person.words} | GOES
    texts -= {text for person in found for text in person.ambiguous}
    texts -= _event_ids(warehouse.zone)
    warehouse.build()
    published = warehouse.folder / "published" / "marts.duckdb"
    publish(warehouse.file, published)
    database = server.new_database()
    load_postgres(published, server.url(database))
    marts = [mart for mart in warehouse.marts() if set(OF_PERSONS) & set(warehouse.columns(mart))]
    before = warehouse.read(marts)
    totals = [warehouse.query(query) for query in (TOTALS, BY_COUNTRY)]
    held = set(found_in(warehouse.folder, texts))
    choice = f"adapters: [{', '.join(dialects)}]"
    done = _erase(warehouse, f"{{{choice}}}", server.url(database))
    assert done.exit_code == 0, done.output
    return Erased(
        warehouse,
        held,
        before,
        totals,
        texts,
        {visitor for person in found for visitor in person.of("visitor")},
        {
            text
            for person in found
            for kind in ("visitor", "customer", "cart", "order")
            for text in person.of(kind)
        },
        server.url(database),
    )


def _erase(warehouse: Warehouse, variables: str, url: str) -> Any:
    folder = warehouse.folder
    settings = {
        "SHOPTRACK_LANDING": str(warehouse.zone),
        "SHOPTRACK_WAREHOUSE": str(warehouse.file),
        "SHOPTRACK_PUBLISHED": str(folder / "published" / "marts.duckdb"),
        "SHOPTRACK_INBOX": str(folder / "inbox"),
        "SHOPTRACK_ERASURES": str(folder / "proofs"),
        "SHOPTRACK_PUBLISHED_POSTGRES": url,
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    return CliRunner().invoke(
        app, ["erase", "--requests", "--yes", "--vars", variables], env=settings
    )


def _event_ids(zone: Path) -> set[str]:
    """Ids of events, which the demo shop draws as it draws those of visitors."""
    found: set[str] = set()
    for path in zone.glob("*/events/*.parquet"):
        rows = pq.read_table(path)
        for name in {"event_id", "messageid"} & set(rows.column_names):
            found |= set(rows[name].to_pylist())
    return found


def _of_the_demo(zone: Path) -> tuple[str, str]:
    """A customer id and a guest's e-mail of the demo shop, both of persons with an own device."""
    query = f"""
        select
            max(identifier) filter (identifier_kind = 'customer'),
            max(identifier) filter (identifier_kind = 'email')
        from read_parquet('{zone / "truth_identities.parquet"}')
        group by person
        having count(*) filter (identifier_kind = 'visitor' and is_linked) > 0
        order by person
    """
    rows = duckdb.sql(query).fetchall()
    customer = next(customer for customer, email in rows if customer and email)
    return customer, next(email for customer, email in rows if email and not customer)


def test_no_byte_is_left_in_landing_zone_warehouse_or_copy(erased: Erased) -> None:
    parts = {path.split("/")[0].split(".")[0] for path in erased.held_before}
    assert {"landing", "warehouse", "published"} <= parts
    assert "landing/truth_identities.parquet" in erased.held_before
    assert found_in(erased.warehouse.folder, erased.texts) == {}


def test_sales_stay_to_the_cent(erased: Erased) -> None:
    by_day, by_country = erased.totals_before
    assert len(by_day) >= 8
    assert erased.warehouse.query(TOTALS) == by_day
    assert len(by_country) >= 3
    assert erased.warehouse.query(BY_COUNTRY) == by_country


def test_rows_of_all_other_persons_are_as_they_were(erased: Erased) -> None:
    theirs = sorted(erased.ids | _persons_of(erased))
    after = erased.warehouse.read(list(erased.before))
    lost, compared = {}, 0
    for mart, before in erased.before.items():
        if mart in RELATIVE_MARTS:
            continue
        columns = ", ".join(name for name in before.column_names if name not in RELATIVE)
        names = [name for name in OF_PERSONS if name in before.column_names]
        is_theirs = " or ".join(
            f"coalesce({name} in (select unnest($ids)), false)" for name in names
        )
        with duckdb.connect() as connection:
            connection.register("before", before)
            connection.register("after", after[mart])
            others = f"select {columns} from before where not ({is_theirs})"
            if mart == "marts.fct_attribution":
                others += f" and attribution_model not in {RELATIVE_MODELS}"
            found = connection.execute(
                f"{others} except all select {columns} from after", {"ids": theirs}
            ).fetchall()
            kept = connection.execute(f"select count(*) from ({others})", {"ids": theirs})
            compared += kept.fetchall()[0][0]
        if found:
            lost[mart] = (len(found), found[:2])
    assert lost == {}
    assert compared > 1000


def _persons_of(erased: Erased) -> set[str]:
    """Persons whom the erased identifiers belonged to, and who shares a device with them."""
    found = erased.ids | {SHARED, persons.OTHER_CUSTOMER}
    for _ in range(2):  # an address names nobody but by its person
        for before in erased.before.values():
            names = [name for name in OF_PERSONS if name in before.column_names]
            told = [name for name in ("person_id", "identity_id") if name in names]
            if "link_id" in before.column_names and "identifier" not in names:
                continue  # a link is of two identities, who may be two persons
            for row in before.select(names).to_pylist():
                if found & {row[name] for name in names}:
                    found |= {row[name] for name in told if row[name]}
    return found


def test_postgresql_is_loaded_again_without_the_person(erased: Erased) -> None:
    import psycopg  # noqa: PLC0415

    with psycopg.connect(erased.database) as connection:
        names = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        assert len(names) > 20
        for (name,) in names:
            rows = connection.execute(f"select lower(row::text) from {name} as row").fetchall()
            text = "\n".join(row for (row,) in rows)
            assert [word for word in erased.texts if word.lower() in text] == [], name
        (orders,) = connection.execute("select count(*) from marts.fct_orders").fetchall()[0]
    assert [(orders,)] == erased.warehouse.query("select count(*) from marts.fct_orders")
