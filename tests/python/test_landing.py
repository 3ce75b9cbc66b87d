"""Landing: what came in is what lies in the zone, once, and never half."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from shoptrack.cli import app
from shoptrack.contract import find_table, tables
from shoptrack.landing import csv_reading, ensure_zone, json_reading, land_file, land_table
from shoptrack.landing.zone import remove_leftovers, temporary_file

LOADED_AT = datetime(2025, 3, 1, 12, tzinfo=UTC)
REQUIRED = ("event_id", "event_at", "event_name", "visitor_id")
HEADER = ",".join(REQUIRED) + ",page_title"
FREE = ("page_title", "items", "city")

Row = tuple[str | None, ...]

many = settings(max_examples=50, deadline=None)


@pytest.fixture
def zone(tmp_path: Path) -> Path:
    """An empty landing zone."""
    zone = tmp_path / "zone"
    ensure_zone(zone)
    return zone


def read(zone: Path, table: str, columns: str = "*") -> list[Any]:
    """Rows of a raw table in the order of their files, as the warehouse reads them."""
    pattern = zone / table.replace(".", "/") / "*.parquet"
    query = f"""
        select {columns} from read_parquet('{pattern}', union_by_name = true)
        order by _source_file, _source_row
    """
    with duckdb.connect() as connection:
        rows: list[Any] = connection.execute(query).fetchall()
    return rows


def visible_files(zone: Path) -> dict[str, bytes]:
    """Name and bytes of every file that a model could read."""
    return {str(path): path.read_bytes() for path in sorted(zone.rglob("*.parquet"))}


def write_events(path: Path, count: int) -> Path:
    """A CSV export of `count` small events."""
    rows = "\n".join(f"e{number},2025-01-01,page_view,v,title" for number in range(count))
    path.write_text(f"{HEADER}\n{rows}\n", encoding="utf-8")
    return path


# The zone


def test_every_table_of_the_contract_is_empty_before_anything_lands(zone: Path) -> None:
    for name, table in tables().items():
        assert read(zone, name) == []
        file = zone / table.source / table.name / "0_contract.parquet"
        schema = pq.read_schema(file)
        added = ["_loaded_at", "_source_file", "_source_row"]
        assert schema.names == [*table.column_names, *added]
        assert {str(schema.field(column).type) for column in table.column_names} == {"string"}


def test_ensuring_the_zone_again_writes_nothing(zone: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in zone.rglob("*")}
    ensure_zone(zone)
    assert {path: path.stat().st_mtime_ns for path in zone.rglob("*")} == before


def test_a_changed_contract_rewrites_the_empty_files(zone: Path) -> None:
    file = zone / "web" / "events" / "0_contract.parquet"
    file.write_bytes(b"made for another contract")
    (zone / ".contract").write_text("digest of another contract", encoding="utf-8")
    ensure_zone(zone)
    assert read(zone, "web.events") == []


def test_the_contract_knows_keys_and_required_columns() -> None:
    prices = find_table("shop.product_prices")
    assert prices.key == ("variant_id", "valid_from")
    assert prices.required_columns == ("variant_id", "valid_from", "price")
    assert find_table("web.events").required_columns == REQUIRED


# Round trips

cells = st.one_of(st.none(), st.text(max_size=12), st.text('",;\t\r\n\\ a\ufeff', max_size=8))
csv_cells = cells.map(lambda cell: cell and cell.replace("\0", ""))


def csv_rows(longest: int = 5) -> st.SearchStrategy[list[Row]]:
    """Rows of the required columns and page_title, nulls included."""
    return st.lists(st.tuples(*[csv_cells] * 5), min_size=1, max_size=longest)


class Dialect(NamedTuple):
    """How a CSV file is written."""

    delimiter: str = ","
    line_end: str = "\n"
    always_quote: bool = False
    mark: str = ""


dialects = st.builds(
    Dialect,
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.sampled_from(["", "\ufeff"]),
)


def csv_file(rows: list[Row], dialect: Dialect) -> bytes:
    """CSV by RFC 4180; null is empty without quotes, empty text is empty in quotes."""

    def field(cell: str | None) -> str:
        if cell is None:
            return ""
        is_plain = cell and not set(cell) & set(f'"\r\n{dialect.delimiter}')
        return (
            cell if is_plain and not dialect.always_quote else '"' + cell.replace('"', '""') + '"'
        )

    lines = [dialect.delimiter.join(map(field, row)) for row in [tuple(HEADER.split(",")), *rows]]
    return (dialect.mark + dialect.line_end.join(lines) + dialect.line_end).encode()


def landed_rows(name: str, content: bytes, columns: str) -> list[Any]:
    """Land one file into a zone of its own and read it back."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        land_file(Path(folder) / "zone", "web.events", path)
        return read(Path(folder) / "zone", "web.events", columns)


@many
@given(rows=csv_rows(), dialect=dialects, is_gzipped=st.booleans())
def test_text_in_csv_comes_back_as_the_same_text(
    rows: list[Row], dialect: Dialect, is_gzipped: bool
) -> None:
    content = csv_file(rows, dialect)
    name = "events.csv.gz" if is_gzipped else "events.csv"
    content = gzip.compress(content) if is_gzipped else content
    found = landed_rows(name, content, f"{', '.join(REQUIRED)}, page_title, _source_row")
    assert found == [(*row, number) for number, row in enumerate(rows, start=1)]


@many
@given(rows=csv_rows(longest=40), long_cell=st.integers(0, 3000))
def test_rows_that_cross_blocks_of_the_reader_come_back_whole(
    rows: list[Row], long_cell: int
) -> None:
    rows.append(("long", "x\n" * long_cell, None, "", '"'))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_reading, "_BLOCK_BYTES", (128, 1024, 1 << 20))
        content = csv_file(rows, Dialect())
        found = landed_rows("events.csv", content, f"{', '.join(REQUIRED)}, page_title")
    assert found == rows


def test_a_line_end_in_quotes_comes_back_whole_wherever_a_block_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_reading, "_BLOCK_BYTES", (128, 1 << 20))
    for length in range(128):
        rows: list[Row] = [("e", "p", "v", "x" * length + "\r\nend"), ("f", "p", "v", "w")]
        content = csv_file([(*row, None) for row in rows], Dialect())
        assert landed_rows("events.csv", content, ", ".join(REQUIRED)) == rows


def test_a_file_in_pieces_of_whole_line_ends_can_be_read_to_its_end() -> None:
    file = csv_reading._WholeLineEnds(io.BytesIO(b"a\r\nb\r"))
    assert file.read(2) == b"a"
    assert file.read() == b"\r\nb\r"
    assert file.read() == b""


numbers = st.from_regex(
    r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True
)
json_rows = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.one_of(
                st.none().map(lambda _: ("null", None)),
                st.text(max_size=12).map(lambda text: (json.dumps(text), text)),
                numbers.map(lambda text: (text, text)),
                st.booleans().map(lambda flag: (json.dumps(flag), json.dumps(flag))),
            )
            for name in FREE
        },
    ),
    min_size=1,
    max_size=8,
)


@many
@given(rows=json_rows)
def test_text_and_numbers_in_json_lines_come_back_as_the_same_text(
    rows: list[dict[str, tuple[str, str | None]]],
) -> None:
    lines = []
    for row in rows:
        members = [f'"{name}": "x"' for name in REQUIRED]
        members += [f'"{name}": {source}' for name, (source, _) in row.items()]
        lines.append("{" + ", ".join(members) + "}\n")
    expected = [tuple(row.get(name, ("", None))[1] for name in FREE) for row in rows]
    with pytest.MonkeyPatch.context() as patch:  # one line per batch: later lines bring new columns
        patch.setattr(json_reading, "_BATCH_BYTES", 1)
        found = landed_rows("events.jsonl", "".join(lines).encode(), ", ".join(FREE))
    assert found == expected


@many
@given(
    items=st.recursive(
        st.none() | st.booleans() | numbers.map(Decimal) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=8,
    ).filter(lambda value: isinstance(value, list | dict))
)
def test_nested_json_comes_back_as_json_with_the_text_of_its_numbers(items: Any) -> None:
    nested = json.dumps(_with_marks(items)).replace('"<', "").replace('>"', "")
    event = "{" + ", ".join(f'"{name}": "x"' for name in REQUIRED) + f', "items": {nested}}}'
    ((found,),) = landed_rows("events.jsonl", event.encode(), "items")
    assert json.loads(found, parse_float=str, parse_int=str) == json.loads(
        nested, parse_float=str, parse_int=str
    )


def _with_marks(value: Any) -> Any:
    """The value with each number as text between marks, which JSON then keeps digit by digit."""
    if isinstance(value, Decimal):
        return f"<{value}>"
    if isinstance(value, str):
        return value.replace("<", "").replace(">", "")
    if isinstance(value, list):
        return [_with_marks(inner) for inner in value]
    if isinstance(value, dict):
        return {_with_marks(key): _with_marks(inner) for key, inner in value.items()}
    return value


@many
@given(rows=st.lists(st.tuples(*[cells] * 5), min_size=1, max_size=5))
def test_text_in_parquet_comes_back_as_the_same_text(rows: list[Row]) -> None:
    names = [*REQUIRED, "page_title"]
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    file = io.BytesIO()
    pq.write_table(pa.table(columns, names=names), file)
    assert landed_rows("events.parquet", file.getvalue(), ", ".join(names)) == rows


def test_parquet_values_of_any_type_become_text(zone: Path, tmp_path: Path) -> None:
    moment = datetime(2025, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    values: dict[str, tuple[pa.Array, str]] = {
        "event_id": (pa.array([2**62 + 1]), str(2**62 + 1)),
        "event_at": (pa.array([moment], pa.timestamp("us", "Europe/Paris")), _UTC_TEXT),
        "event_name": (pa.array(["view"]).dictionary_encode(), "view"),
        "visitor_id": (pa.array([12345678901.0]), "12345678901"),
        "value": (pa.array([0.1]), "0.1"),
        "currency": (pa.array([None], pa.null()), ""),
        "page_title": (pa.array(["große"], pa.large_string()), "große"),
        "consent_ads": (pa.array([True]), "true"),
        "items": (pa.array([[{"item_id": "a", "price": 1.5}]]), '[{"item_id":"a","price":1.5}]'),
        "day": (pa.array([date(2025, 1, 2)]), "2025-01-02"),
        "amount": (pa.array([Decimal("1.10")]), "1.10"),
        "raw": (pa.array([b"bytes"]), "bytes"),
    }
    path = tmp_path / "events.parquet"
    pq.write_table(pa.table({name: array for name, (array, _) in values.items()}), path)
    landed = land_file(zone, "web.events", path)
    assert landed.unknown_columns == ("day", "amount", "raw")
    (found,) = read(zone, "web.events", ", ".join(values))
    assert found == tuple(text or None for _, text in values.values())


_UTC_TEXT = "2025-01-02 01:04:05.000000Z"


def test_a_column_that_only_later_lines_have_is_kept(zone: Path, tmp_path: Path) -> None:
    event = dict.fromkeys(REQUIRED, "x")
    path = tmp_path / "events.ndjson"
    late = json.dumps(event | {"late": 1.50}).replace("1.5", "1.50")
    path.write_text((json.dumps(event) + "\n\n") * 200_000 + late, encoding="utf-8")
    landed = land_file(zone, "web.events", path)
    assert (landed.row_count, landed.unknown_columns) == (200_001, ("late",))
    rows = read(zone, "web.events", "late, _source_row")
    assert rows[-1] == ("1.50", 200_001)
    assert {late for late, _ in rows[:-1]} == {None}


def test_a_value_of_ten_megabytes_lands_as_it_is(tmp_path: Path) -> None:
    value = 'a "quoted"\nline ' * 700_000
    quoted = value.replace('"', '""')
    content = f'{HEADER}\n1,2,3,4,before\n1,2,3,4,"{quoted}"\n1,2,3,4,after\n'.encode()
    assert landed_rows("events.csv", content, "page_title") == [("before",), (value,), ("after",)]
    event = dict.fromkeys(REQUIRED, "x") | {"page_title": value}
    assert landed_rows("events.jsonl", json.dumps(event).encode(), "page_title") == [(value,)]


# What landing adds


def test_a_landed_file_has_contract_columns_then_unknown_ones_then_its_own(
    zone: Path, tmp_path: Path
) -> None:
    path = tmp_path / "april export.csv"
    path.write_text("utm,Visitor_ID ,event_name,event_at,event_id,Extra\na,b,c,d,e,f\n", "utf-8")
    landed = land_file(zone, "web.events", path, loaded_at=datetime(2025, 3, 1, 13, 30))
    assert landed.unknown_columns == ("utm", "Extra")
    assert landed.row_count == 1
    names = pq.read_schema(landed.path).names
    added = ["_loaded_at", "_source_file", "_source_row"]
    assert names == [*find_table("web.events").column_names, "utm", "Extra", *added]
    assert landed.path.name.startswith("april export.csv.")
    (row,) = read(zone, "web.events", "event_id, visitor_id, city, utm, Extra, " + ", ".join(added))
    name = landed.path.name.removesuffix(".parquet")
    assert row == ("e", "b", None, "a", "f", datetime(2025, 3, 1, 13, 30), name, 1)


def test_rows_are_numbered_through_the_whole_file(zone: Path, tmp_path: Path) -> None:
    count = 300_000  # more than two row groups
    land_file(zone, "web.events", write_events(tmp_path / "events.csv", count))
    rows = read(zone, "web.events", "event_id, _source_row")
    assert rows == [(f"e{number}", number + 1) for number in range(count)]


def test_rows_in_memory_land_like_a_file(zone: Path) -> None:
    rows = pa.table(
        {
            "visitor_id": ["v1", "v2"],
            "event_id": ["e1", "e2"],
            "event_name": ["page_view", None],
            "event_at": np.array(["2025-01-01T00:00:00.250", "2025-01-02"], "datetime64[ms]"),
            "engagement_ms": [None, 5],
        }
    )
    local = LOADED_AT.astimezone(timezone(timedelta(hours=5)))
    landed = land_table(zone, "web.events", rows, file_name="events.parquet", loaded_at=local)
    assert (landed.is_new, landed.row_count) == (True, 2)
    assert read(zone, "web.events", "event_id, event_at, engagement_ms, _loaded_at") == [
        ("e1", "2025-01-01 00:00:00.250", None, LOADED_AT.replace(tzinfo=None)),
        ("e2", "2025-01-02 00:00:00.000", "5", LOADED_AT.replace(tzinfo=None)),
    ]


# Once


def test_the_same_content_lands_once_under_any_name(zone: Path, tmp_path: Path) -> None:
    first = write_events(tmp_path / "events.csv", 3)
    landed = land_file(zone, "web.events", first)
    again = tmp_path / "copy.csv.gz"
    again.write_bytes(gzip.compress(first.read_bytes()))
    before = visible_files(zone)
    skipped = land_file(zone, "web.events", again)
    assert (skipped.is_new, skipped.path, skipped.row_count) == (False, landed.path, 0)
    assert visible_files(zone) == before


def test_the_same_rows_in_memory_land_once_however_they_are_chunked(zone: Path) -> None:
    rows = pa.table({name: ["a", None, "ccc"] for name in REQUIRED})
    chunked = pa.concat_tables([rows.slice(0, 1), rows.slice(1)])
    other = pa.table({name: ["a", "", "ccc"] for name in REQUIRED})
    outcomes = [
        land_table(zone, "web.events", table, file_name=f"{number}", loaded_at=LOADED_AT).is_new
        for number, table in enumerate([rows, chunked, other])
    ]
    assert outcomes == [True, False, True]


def test_two_lands_of_one_file_at_once_land_it_once(zone: Path, tmp_path: Path) -> None:
    path = write_events(tmp_path / "events.csv", 20_000)
    command = [
        sys.executable,
        "-c",
        "from shoptrack.cli import app; app()",
        "land",
        "web.events",
        str(path),
    ]
    environment = os.environ | {"SHOPTRACK_LANDING": str(zone)}
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    outputs = sorted(process.communicate(timeout=60)[0].split()[0] for process in running)
    assert [process.returncode for process in running] == [0, 0, 0]
    assert outputs == ["landed", "skipped", "skipped"]
    assert len(read(zone, "web.events")) == 20_000


# Never half

LAND_AND_HANG = """
import sys, time
from pathlib import Path
from shoptrack.landing import land_file

zone, path = Path(sys.argv[1]), Path(sys.argv[2])
seen = 0

def hang_while_writing(count):
    global seen
    seen += count
    if seen > 1.6 * path.stat().st_size:
        print("writing", flush=True)
        time.sleep(120)

land_file(zone, "web.events", path, progress=hang_while_writing)
"""


def test_a_killed_land_leaves_the_zone_as_it_was(zone: Path, tmp_path: Path) -> None:
    land_file(zone, "web.events", write_events(tmp_path / "small.csv", 10))
    before = visible_files(zone)
    path = write_events(tmp_path / "large.csv", 700_000)
    folder = zone / "web" / "events"
    command = [sys.executable, "-c", LAND_AND_HANG, str(zone), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        (half,) = folder.glob(".landing-*")
        assert half.stat().st_size > 0
        process.send_signal(signal.SIGKILL)
    assert visible_files(zone) == before
    assert len(read(zone, "web.events")) == 10
    assert half.exists()
    assert land_file(zone, "web.events", path).row_count == 700_000
    assert not list(folder.glob(".landing-*"))
    assert len(read(zone, "web.events")) == 700_010


def test_leftovers_of_a_running_land_stay(zone: Path) -> None:
    folder = zone / "web" / "events"
    stale = folder / ".landing-1-0badcafe"
    stale.write_bytes(b"half a file")
    with temporary_file(folder) as in_use:
        remove_leftovers(folder)
        assert in_use.exists()
    assert not stale.exists()
    assert not in_use.exists()


# The command line


@pytest.fixture
def runner(zone: Path) -> Iterator[CliRunner]:
    """Runs the program on the zone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOPTRACK_LANDING", str(zone))
        yield CliRunner()


def test_each_file_is_landed_or_refused_by_itself(
    runner: CliRunner, zone: Path, tmp_path: Path
) -> None:
    good = write_events(tmp_path / "good.csv", 2)
    bad = tmp_path / "bad.csv"
    bad.write_text(f"{HEADER},foo,bar\n1,2,3\n", encoding="utf-8")
    kept = tmp_path / "kept.csv"
    kept.write_text(f"{HEADER},foo,bar\n1,2,3,4,5,6,7\n", encoding="utf-8")
    result = runner.invoke(app, ["land", "web.events", str(good), str(bad), str(kept), str(good)])
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert f"landed   {good}: 2 rows of web.events" in lines
    assert any(line.startswith(f"refused  {bad}: row 1 (line 2): 3 fields") for line in lines)
    assert any(
        line.endswith("kept 2 columns that the contract does not know: foo, bar") for line in lines
    )
    assert any(
        line.startswith(f"skipped  {good}: the same content was landed before") for line in lines
    )
    assert "1 of 4 files refused" in lines[-1]
    assert bad.exists()
    assert len(read(zone, "web.events")) == 3


def test_landing_ends_with_zero_when_nothing_was_refused(runner: CliRunner, tmp_path: Path) -> None:
    path = write_events(tmp_path / "events.csv", 1)
    assert runner.invoke(app, ["land", "web.events", str(path)]).exit_code == 0
    assert runner.invoke(app, ["land", "web.events", str(path)]).exit_code == 0


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("shop.experiments", "web.experiments"),
        ("events", "web.events"),
        ("shop.order_line", "shop.order_lines"),
        ("WEB.EVENTS", "web.events"),
    ],
)
def test_a_wrong_table_name_is_answered_with_the_right_one(
    runner: CliRunner, tmp_path: Path, name: str, meant: str
) -> None:
    result = runner.invoke(app, ["land", name, str(write_events(tmp_path / "events.csv", 1))])
    assert result.exit_code == 2
    assert f"did you mean {meant}?" in result.output
