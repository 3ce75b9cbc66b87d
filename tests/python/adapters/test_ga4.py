"""GA4's BigQuery export gives events, whatever it came in and however often it was exported."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoptrack.demo import simulate
from shoptrack.demo.dialects.ga4 import DAILY, INTRADAY, exported
from shoptrack.landing import land_file
from tests.python.test_exactness import Step, steps
from tests.python.warehouse import Project, State, Warehouse, temporary_folder

Row = dict[str, Any]
NewWarehouse = Callable[..., AbstractContextManager[Warehouse]]
STAGED = ["stg_landing__files", "+stg_web__events"]
SESSIONIZED = "intermediate.int_events_sessionized"
# They count files and landed rows, and a day that came twice has more of them.
OF_FILES = ("marts.rpt_data_quality_daily", "marts.rpt_schema_drift")
LANDED_AT = datetime(2025, 6, 1)
PREFIX = "https://shop.example/"


@pytest.fixture(scope="module")
def ga4_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The dbt project with GA4 on and nothing else, parsed once."""
    return Project.parse(tmp_path_factory.mktemp("ga4_project"), {"adapters": ["ga4"]})


@pytest.fixture(scope="module")
def new_ga4(ga4_project: Project) -> NewWarehouse:
    """Makes an empty warehouse with GA4 on, which is removed after use."""

    @contextmanager
    def make(held: State = "all") -> Iterator[Warehouse]:
        with temporary_folder("ga4 ") as folder:
            yield Warehouse(ga4_project, folder, held)

    return make


@pytest.fixture
def warehouse(new_ga4: NewWarehouse) -> Iterator[Warehouse]:
    """An empty warehouse with GA4 on."""
    with new_ga4("events") as empty:
        yield empty


# Rows of the export


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 of a moment in UTC."""
    return round(moment.replace(tzinfo=UTC).timestamp() * 1_000_000)


def typed(value: object) -> Row:
    """A parameter's value under the name of its type."""
    kinds = {int: "int_value", float: "double_value"}
    return {kinds.get(type(value), "string_value"): value}


def event(
    at: datetime,
    name: str = "page_view",
    visitor: str | None = "1.2",
    parameters: Mapping[str, object] | None = None,
    **columns: Any,
) -> Row:
    """A row of the export as BigQuery shows it, with what a page view has at least."""
    given_parameters = {"page_location": PREFIX, "ga_session_id": 7, **(parameters or {})}
    return {
        "event_date": f"{at:%Y%m%d}",
        "event_timestamp": microseconds(at),
        "event_name": name,
        "event_params": [{"key": k, "value": typed(v)} for k, v in given_parameters.items()],
        "user_pseudo_id": visitor,
        "stream_id": "1",
        **columns,
    }


def as_bigquery_json(value: Any) -> Any:
    """A value as BigQuery's JSON export writes it: whole numbers as texts, nulls left out."""
    if isinstance(value, dict):
        return {k: as_bigquery_json(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [as_bigquery_json(each) for each in value]
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_whole else value


def json_lines(rows: Sequence[Row]) -> str:
    """Rows as the lines of a JSON export, in which BigQuery escapes these three characters."""
    lines = "".join(json.dumps(as_bigquery_json(row)) + "\n" for row in rows)
    return lines.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def land(warehouse: Warehouse, table: str, rows: Sequence[Row], name: str, hours: int = 0) -> None:
    """Land rows as a JSON export, some hours after the first load."""
    file = warehouse.folder / f"{name}.jsonl"
    file.write_text(json_lines(rows), encoding="utf-8")
    land_file(warehouse.zone, table, file, loaded_at=LANDED_AT + timedelta(hours=hours))


def staged(warehouse: Warehouse, columns: str, order: str = "_source_row") -> list[Any]:
    """Columns of the events as the contract's staging model has them.

    The view asks for the key of pseudonyms, which a build keeps in a database of its own.
    """
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as secrets")
        connection.execute("create table secrets.main.hash_key as select 'a key' as hash_key")
        file = str(warehouse.file).replace("'", "''")
        connection.execute(f"attach '{file}' as warehouse (read_only)")
        connection.execute("use warehouse")
        query = f"select {columns} from staging.stg_web__events order by {order}"
        rows: list[Any] = connection.execute(query).fetchall()
    return rows


# What a row becomes


@pytest.fixture(scope="module")
def shop(new_ga4: NewWarehouse) -> Iterator[Warehouse]:
    """A shop in the contract's own files, not built."""
    with new_ga4() as landed:
        simulate(landed.zone, days=12, visitors=400, seed=5)
        yield landed


def days_of(shop: Warehouse) -> dict[str, pa.Table]:
    """GA4's export of the shop's loads, by the date of the load."""
    folder = shop.zone / "web" / "events"
    files = sorted(file for file in folder.glob("*.parquet") if "0_contract" not in file.name)
    return {
        date: exported(pq.read_table(file).drop_columns(["_loaded_at"]), date)
        for file in files
        for date in [file.name.split("_")[1][:10]]
    }


def test_json_lines_and_parquet_of_one_export_give_the_same_rows(
    shop: Warehouse, new_ga4: NewWarehouse
) -> None:
    with new_ga4() as from_json, new_ga4() as from_parquet:
        for number, (date, rows) in enumerate(days_of(shop).items()):
            json_file = from_json.folder / f"{date}.jsonl"
            json_file.write_text(json_lines(rows.to_pylist()), encoding="utf-8")
            parquet_file = from_parquet.folder / f"{date}.parquet"
            pq.write_table(rows, parquet_file)
            loaded_at = LANDED_AT + timedelta(days=number)
            land_file(from_json.zone, DAILY, json_file, loaded_at=loaded_at)
            land_file(from_parquet.zone, DAILY, parquet_file, loaded_at=loaded_at)
        for built in (from_json, from_parquet):
            built.build(STAGED)
        columns, order = "* exclude (raw_row, _source_file)", "_loaded_at, _source_row"
        found = staged(from_json, columns, order)
        assert found == staged(from_parquet, columns, order)
        assert len(found) > 3000
        assert len({row[0] for row in found}) > 3000


def test_numbers_and_texts_of_parameters_become_the_contracts_values(warehouse: Warehouse) -> None:
    at = datetime(2025, 5, 1, 12, 0, 0, 123456)
    values: Sequence[tuple[object, object]] = (
        (45, 1200),
        (45.0, "1200"),
        (45.5, 0),
        ("12,90 EUR", 5),
        ("39.90", "fast"),
        (1e-3, 10.0),
    )
    rows = [
        event(at, "view_item", parameters={"value": value, "engagement_time_msec": engagement})
        for value, engagement in values
    ]
    land(warehouse, DAILY, rows, "typed")
    warehouse.build(STAGED)
    assert staged(
        warehouse, "cast(value as varchar), engagement_ms, session_key, rejection_reason"
    ) == [
        ("45.0000", 1200, "7", None),
        ("45.0000", 1200, "7", None),
        ("45.5000", 0, "7", None),
        (None, 5, "7", "value is not a number"),
        ("39.9000", None, "7", "engagement_ms is not a whole number"),
        ("0.0010", 10, "7", None),
    ]
    assert set(staged(warehouse, "event_at")) == {(at,)}


def test_moments_are_utc_whatever_the_zone_of_other_sources(warehouse: Warehouse) -> None:
    at = datetime(2025, 5, 1, 12)
    land(warehouse, DAILY, [event(at)], "zone")
    warehouse.build(STAGED, variables={"source_timezone": "America/New_York"})
    assert staged(warehouse, "event_at") == [(at,)]


def test_consent_is_what_consent_mode_says(warehouse: Warehouse) -> None:
    at = datetime(2025, 5, 1)
    choices = (("Yes", "No"), ("No", "Unset"), ("Unset", "Yes"), ("perhaps", "Yes"))
    rows = [
        event(at, privacy_info={"analytics_storage": analytics, "ads_storage": ads})
        for analytics, ads in choices
    ]
    rows += [event(at), event(at, visitor=None, privacy_info={"analytics_storage": "No"})]
    land(warehouse, DAILY, rows, "consent")
    warehouse.build(STAGED)
    assert staged(warehouse, "consent_analytics, consent_ads, rejection_reason") == [
        (True, False, None),
        (False, None, None),
        (None, True, None),
        (None, True, "consent_analytics is not true or false"),
        (None, None, None),
        (False, None, "visitor_id is missing"),
    ]


def test_rows_that_cannot_be_used_are_rejected_with_what_came(warehouse: Warehouse) -> None:
    at = datetime(2025, 5, 1)
    rows = [
        event(at, event_timestamp="99999999999999999999"),
        event(at, event_timestamp=9_200_000_000_000_000_000),
        event(at, name=""),
        event(at),
        event(at, event_params="[{broken"),
        event(at, "view_item", items="{broken"),
    ]
    land(warehouse, DAILY, rows, "bad")
    land(warehouse, INTRADAY, [event(at + timedelta(days=1), visitor=None)], "bad_intraday")
    warehouse.build([*STAGED, "+fct_rejected_rows"])
    query = "select source_table, source_row, reason from marts.fct_rejected_rows order by all"
    assert warehouse.query(query) == [
        (DAILY, 1, "event_at is not a timestamp"),
        (DAILY, 2, "event_at is not a timestamp"),
        (DAILY, 3, "event_name is missing"),
        (DAILY, 6, "items is not JSON"),
        (INTRADAY, 1, "visitor_id is missing"),
    ]
    [(raw,)] = warehouse.query("select raw from marts.fct_rejected_rows where source_row = 6")
    assert '"items":"{broken"' in raw


# Which rows are one event


def test_a_row_that_is_exported_again_is_one_event_and_two_of_a_batch_are_two(
    warehouse: Warehouse,
) -> None:
    at = datetime(2025, 5, 1, 10)
    item = {"item_id": "a", "price": 5.0, "quantity": 1, "item_params": []}
    batch: Row = {"batch_page_id": 17, "batch_ordering_id": 2}
    rows = [
        event(at, **batch, batch_event_index=1),
        event(at, **batch, batch_event_index=2),
        event(at, **batch, batch_event_index=10),
        event(at, parameters={"page_title": "One"}),
        event(at, parameters={"page_title": "Two"}),
        event(at, "add_to_cart", items=[item]),
        event(at, "add_to_cart", items=[{**item, "item_id": "b"}]),
        event(at, visitor="3.4"),
        event(at + timedelta(microseconds=1)),
        event(at, stream_id="2"),
    ]
    again = [
        {**row, "event_params": row["event_params"][::-1], "event_previous_timestamp": 5}
        for row in rows
    ]
    traffic = {"source": "google", "medium": "cpc", "campaign": "spring", "gclid": "g"}
    again[0]["event_params"] += [{"key": k, "value": typed(v)} for k, v in traffic.items()]
    land(warehouse, DAILY, rows, "first")
    land(warehouse, DAILY, again, "again", hours=9)
    warehouse.build([*STAGED, "+int_events_sessionized"])
    ids = [event_id for (event_id,) in staged(warehouse, "event_id")]
    assert (len(ids), len(set(ids))) == (20, 10)
    of_batch = f"select left(event_id, 4) from {SESSIONIZED} where event_id > '0001'"
    found = warehouse.query(f"{of_batch} order by event_at, event_id")
    assert found == [("0001",), ("0002",), ("0010",)]


def test_a_purchase_that_comes_again_days_later_is_one_order_in_every_mart(
    shop: Warehouse, new_ga4: NewWarehouse
) -> None:
    others = [file for file in shop.landed() if file.parts[:2] != ("web", "events")]
    with new_ga4() as once, new_ga4() as twice:
        for built in (once, twice):
            built.take(shop.zone, others)
            for number, (date, rows) in enumerate(days_of(shop).items()):
                built.land(DAILY, rows, date, datetime(2025, 1, 2) + timedelta(days=number))
        again = repeated_purchases(days_of(shop))
        assert len(again) > 5
        names = ["page_view"] * len(again)
        twice.land(DAILY, again, "again", datetime(2025, 1, 20))
        once.land(DAILY, renamed(again, names), "again", datetime(2025, 1, 20))
        counted = (
            "count(*), sum(net_sales) from marts.fct_orders",
            "sum(purchases), sum(tracked_purchases) from marts.rpt_product_daily",
            "sum(tracked_purchases), sum(matched_purchases), sum(tracked_orders)"
            " from marts.rpt_reconciliation_daily",
            "sum(orders), sum(net_revenue) from marts.rpt_traffic_daily",
            "count(*) from marts.fct_journeys where is_converted",
            "round(sum(credit), 6) from marts.fct_attribution",
        )
        for built in (once, twice):
            built.build([f"+{mart}" for mart in re.findall(r"marts\.(\w+)", " ".join(counted))])
        for sums in counted:
            assert twice.query(f"select {sums}") == once.query(f"select {sums}"), sums


def repeated_purchases(days: Mapping[str, pa.Table]) -> pa.Table:
    """The purchases of the first days again, as a thank-you page that is loaded 8 days later."""
    rows = pa.concat_tables(days.values())
    bought = [row for row in rows.to_pylist() if row["event_name"] == "purchase"]
    for row in bought:
        at = datetime.fromtimestamp(int(row["event_timestamp"]) / 1e6, UTC) + timedelta(days=8)
        row["event_timestamp"], row["event_date"] = str(microseconds(at)), f"{at:%Y%m%d}"
    return pa.Table.from_pylist(bought, rows.schema)


def renamed(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    """Rows as events of other names."""
    return rows.set_column(rows.column_names.index("event_name"), "event_name", pa.array(names))


# Intraday, then daily


def test_a_day_first_as_intraday_then_as_daily_changes_no_mart(
    shop: Warehouse, new_ga4: NewWarehouse
) -> None:
    others = [file for file in shop.landed() if file.parts[:2] != ("web", "events")]
    *before, last = by_event_date(shop)
    with new_ga4() as built, new_ga4() as early:
        built.take(shop.zone, others)
        built.land(DAILY, pa.concat_tables(before), "before", datetime(2025, 1, 19))
        built.land(INTRADAY, last, "intraday", datetime(2025, 1, 20))
        built.build()
        early.copy(built)
        assert streamed(built) > 100
        built.land(DAILY, last, "daily", datetime(2025, 1, 20))
        built.build()
        assert streamed(built) == 0
        marts = [name for name in built.marts() if name not in OF_FILES]
        assert built.difference(early, marts) == ""
        built.assert_exact(state_only=True)


def by_event_date(shop: Warehouse) -> list[pa.Table]:
    """The shop's rows as GA4 keeps them, a table for each date of events, in order."""
    rows = pa.concat_tables(days_of(shop).values())
    dates = pa.compute.unique(rows["event_date"]).sort().to_pylist()[:12]
    return [rows.filter(pa.compute.field("event_date") == date) for date in dates]


def streamed(warehouse: Warehouse) -> int:
    """How many stored events are of the streaming export."""
    [(count,)] = warehouse.query(
        f"select count(*) from {SESSIONIZED} where _source_file like 'intraday%'"
    )
    return int(count)


def minutes(number: float, day: int = 1) -> datetime:
    """Minutes after ten in the evening of a day of May."""
    return datetime(2025, 5, day, 22) + timedelta(minutes=number)


def test_what_the_daily_export_lacks_leaves_and_what_it_changed_takes_its_place(
    warehouse: Warehouse,
) -> None:
    held_together = [event(minutes(at), visitor="a") for at in (0, 25, 50)]
    over_midnight = [
        event(minutes(at, day=2), visitor="b", event_date="20250502") for at in (110, 135, 160)
    ]
    changed = event(minutes(5), "purchase", "c", {"transaction_id": "t", "value": 10.0})
    of_another_day = event(minutes(0, day=3), visitor="d")
    of_another_stream = event(minutes(7), visitor="e", stream_id="2")
    first = [*held_together, *over_midnight, changed, of_another_day, of_another_stream]
    land(warehouse, INTRADAY, first, "intraday")
    warehouse.build_state()
    assert sessions(warehouse) == {"a": [3], "b": [3], "c": [1], "d": [1], "e": [1]}
    corrected = event(minutes(5), "purchase", "c", {"transaction_id": "t", "value": 12.5})
    new = event(minutes(9), visitor="f")
    land(warehouse, DAILY, [held_together[0], held_together[2], corrected, new], "first", hours=5)
    warehouse.build_state()
    assert sessions(warehouse) == {"a": [1, 1], "b": [3], "c": [1], "d": [1], "e": [1], "f": [1]}
    bought = f"select cast(value as varchar) from {SESSIONIZED} where transaction_id = 't'"
    assert warehouse.query(bought) == [("12.5000",)]
    warehouse.assert_exact(state_only=True)
    land(warehouse, DAILY, over_midnight[::2], "second", hours=6)
    warehouse.build_state()
    assert sessions(warehouse)["b"] == [1, 1]
    warehouse.assert_exact(state_only=True)


def sessions(warehouse: Warehouse) -> dict[str, list[int]]:
    """How many events each session of each visitor has."""
    found: dict[str, list[int]] = {}
    for visitor, count in warehouse.query(
        f"select visitor_id, count(*) from {SESSIONIZED}"
        " group by visitor_id, session_start_at order by visitor_id, session_start_at"
    ):
        found.setdefault(visitor, []).append(count)
    return found


def test_an_intraday_file_with_rejected_rows_is_read_again_once(warehouse: Warehouse) -> None:
    rows = [event(minutes(0)), event(minutes(1), visitor=None), event(minutes(0, day=2))]
    land(warehouse, INTRADAY, rows, "intraday")
    warehouse.build_state()
    land(warehouse, DAILY, rows[:2], "daily", hours=5)
    warehouse.build_state()
    before = warehouse.change_number()
    warehouse.build_state()
    assert not warehouse.changed_dates(before)
    warehouse.assert_exact(state_only=True)


@dataclass(frozen=True)
class Streamed:
    """What random exports are drawn from: a few clients over a few dates, in so many files."""

    seed: int
    loads: int
    clients: int


some = settings(
    max_examples=int(os.environ.get("SHOPTRACK_EXAMPLES", "3")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@some
@given(
    drawn=st.builds(
        Streamed,
        seed=st.integers(0, 10_000),
        loads=st.integers(2, 5),
        clients=st.integers(1, 4),
    ),
    plan=st.lists(steps, min_size=5, max_size=5),
)
def test_any_split_of_intraday_and_daily_files_gives_one_full_refresh(
    new_ga4: NewWarehouse, drawn: Streamed, plan: Sequence[Step]
) -> None:
    rng = random.Random(drawn.seed)
    files = draw_files(rng, drawn)
    with new_ga4("events") as built:
        for load, step in zip(range(drawn.loads), plan, strict=False):
            for number, (table, rows) in enumerate(files[load :: drawn.loads]):
                land(built, table, rows, f"{load}-{number}", hours=rng.randrange(100))
            step.build(built, {})
        built.build_state()
        built.assert_exact(state_only=True)
        stored = built.query(f"select visitor_id, event_at from {SESSIONIZED}")
        assert sorted(stored) == sorted(expected_events(files))


def draw_files(rng: random.Random, drawn: Streamed) -> list[tuple[str, list[Row]]]:
    """Files of both exports, in the order in which they land: any."""
    gaps = (1, 29.9, 30, 30.1, 400)
    by_day: dict[tuple[str, str], list[Row]] = {}
    for client in range(drawn.clients):
        at = datetime(2025, 5, 1, 20)
        for _ in range(rng.randrange(4, 30)):
            at += timedelta(minutes=rng.choice(gaps))
            row = event(at, visitor=rng.choice([f"v{client}"] * 9 + [None]))
            row["stream_id"] = rng.choice("1112")
            by_day.setdefault((row["event_date"], row["stream_id"]), []).append(row)
    files = []
    for rows in by_day.values():
        for _ in range(rng.choice((0, 0, 1, 1, 2))):
            files.append((DAILY, some_of(rng, rows)))
    mixed = [row for rows in by_day.values() for row in rows]
    for _ in range(rng.randrange(1, 4)):
        files.append((INTRADAY, some_of(rng, mixed)))
    for rows in by_day.values():
        files.append((INTRADAY, some_of(rng, rows)))
    rng.shuffle(files)
    return [(table, rows) for table, rows in files if rows]


def some_of(rng: random.Random, rows: Sequence[Row]) -> list[Row]:
    """Most rows, in any order; a few twice."""
    chosen = [row for row in rows if rng.random() < 0.7]
    chosen += [row for row in chosen if rng.random() < 0.1]
    rng.shuffle(chosen)
    return chosen


def expected_events(files: Sequence[tuple[str, list[Row]]]) -> list[tuple[str, datetime]]:
    """Client and moment of each event that counts: those of the daily export where there is one."""
    complete = {day_of(row) for table, rows in files if table == DAILY for row in rows}
    counted = {
        (row["user_pseudo_id"], row["stream_id"], row["event_timestamp"])
        for table, rows in files
        for row in rows
        if row["user_pseudo_id"] and (table == DAILY or day_of(row) not in complete)
    }
    epoch = datetime(1970, 1, 1)
    return [(client, epoch + timedelta(microseconds=at)) for client, _, at in counted]


def day_of(row: Row) -> tuple[str, str]:
    """Date and stream of a row."""
    return row["event_date"], row["stream_id"]


def test_the_adapters_unit_tests_pass(warehouse: Warehouse) -> None:
    models = ["path:models/staging/ga4"]
    warehouse.build(["stg_landing__files", "+path:models/staging/ga4"])
    assert warehouse.run_unit_tests(models) >= 8
