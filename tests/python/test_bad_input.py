"""Bad input at landing: a file that does not fit is refused with where, why and what to do."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shoptrack.landing import RefusedFileError, ensure_zone, land_file, land_table
from shoptrack.landing.csv_reading import QuoteCheck

HEADER = b"event_id,event_at,event_name,visitor_id,page_title\n"
GOOD_ROW = b"1,2025-01-01,page_view,v,title\n"
EVENT = {"event_id": "1", "event_at": "2025-01-01", "event_name": "page_view", "visitor_id": "v"}
GOOD_LINE = json.dumps(EVENT).encode() + b"\n"

many = settings(max_examples=150, deadline=None)


def parquet(rows: pa.Table) -> bytes:
    """The bytes of a Parquet file."""
    file = io.BytesIO()
    pq.write_table(rows, file)
    return file.getvalue()


def events(**more: pa.Array) -> pa.Table:
    """One event as an Arrow table, with more columns."""
    return pa.table({name: pa.array([value]) for name, value in EVENT.items()} | more)


BROKEN_TEXT = pa.StringArray.from_buffers(
    1, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xe9")
)
TWICE = pa.table([pa.array(["x"])] * 5, names=[*EVENT, "event_at"])

CASES: dict[str, tuple[str, bytes, list[str]]] = {
    "an_empty_file": ("e.csv", b"", ["empty"]),
    "blank_lines_only": ("e.csv", b"\n\n", ["header", "blank lines only"]),
    "a_header_without_rows": ("e.csv", HEADER, ["no rows"]),
    "a_header_without_line_end": ("e.csv", HEADER.strip(), ["header but no rows"]),
    "a_header_and_blank_lines": ("e.csv", HEADER + b"\n\r\n", ["no rows"]),
    "too_few_fields": (
        "e.csv",
        HEADER + GOOD_ROW + b"2,2025-01-01\n",
        ["row 2 (line 3)", "2 fields where the header has 5", "before column event_name"],
    ),
    "too_many_fields": (
        "e.csv",
        HEADER + b'1,2,3,4,"two\nlines"\n\n' + b"2,2,3,4,a,b\n",
        ["row 2 (line 5)", "6 fields where the header has 5", "double quotes"],
    ),
    "a_file_cut_off_within_quotes": (
        "e.csv",
        HEADER + GOOD_ROW + b'2,2,3,4,"cut\n3,2,3,4,',
        ["row 2 (line 3)", "never closed", "export it again"],
    ),
    "a_quote_escaped_with_a_backslash": (
        "e.csv",
        HEADER + GOOD_ROW + b'2,2,3,4,"5\\" screen"\n',
        ["row 2 (line 3)", "must be doubled"],
    ),
    "a_header_with_broken_quotes": ("e.csv", b'"extra"x,' + HEADER + GOOD_ROW, ["the header"]),
    "latin1_in_csv": (
        "e.csv",
        HEADER + GOOD_ROW + b"2,2,3,4,caf\xe9\n",
        ["row 2 (line 3)", "column page_title", "byte 0xE9", "iconv -f latin1 -t utf8"],
    ),
    "latin1_in_the_header": ("e.csv", b"caf\xe9," + HEADER + GOOD_ROW, ["header", "0xE9", "iconv"]),
    "latin1_in_json": (
        "e.jsonl",
        GOOD_LINE + GOOD_LINE.replace(b"page_view", b"caf\xe9"),
        ["line 2", "byte 0xE9", "iconv"],
    ),
    "utf16": ("e.csv", (HEADER + GOOD_ROW).decode().encode("utf-16"), ["UTF-16", "iconv"]),
    "a_nul_byte_in_csv": (
        "e.csv",
        HEADER + GOOD_ROW + b"2,2,x\0y,4,5\n",
        ["row 2 (line 3)", "column event_name", "NUL byte"],
    ),
    "a_nul_byte_in_json": ("e.jsonl", GOOD_LINE + b'{"a": "x\0"}\n', ["line 2", "NUL byte"]),
    "a_broken_line_of_json": (
        "e.jsonl",
        GOOD_LINE + b'\n{"event_id": \n' + GOOD_LINE,
        ["line 3", "not valid JSON at character", "whole object"],
    ),
    "a_json_file_cut_off": ("e.jsonl", GOOD_LINE * 2 + GOOD_LINE[:20], ["line 3", "cut off"]),
    "a_key_that_stands_twice": (
        "e.jsonl",
        GOOD_LINE + b'{"user_id": "a", "visitor_id": "v", "user_id": "b"}\n',
        ["line 2", "the key user_id stands twice"],
    ),
    "a_key_that_stands_twice_within_a_value": (
        "e.jsonl",
        GOOD_LINE + b'{"page_url": [{"a": 1, "a": 2}]}\n',
        ["line 2", "the key a stands twice"],
    ),
    "a_json_line_that_is_no_object": ("e.jsonl", GOOD_LINE + b"5\n", ["line 2", "not an object"]),
    "a_json_array": ("e.json", json.dumps([EVENT]).encode(), ["line 1", "jq -c '.[]'"]),
    "an_indented_json_array": ("e.json", json.dumps([EVENT], indent=1).encode(), ["jq -c '.[]'"]),
    "an_indented_json_object": ("e.json", json.dumps(EVENT, indent=1).encode(), ["jq -c ."]),
    "json_nested_too_deep": (
        "e.jsonl",
        b'{"event_id": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        ["line 1", "nested too deep"],
    ),
    "half_a_surrogate_pair": (
        "e.jsonl",
        GOOD_LINE + b'{"event_id": ["\\uD83D"]}\n',
        ["line 2", "\\ud83d", "no character"],
    ),
    "json_of_blank_lines": ("e.jsonl", b"\n \n", ["no rows"]),
    "json_without_members": ("e.jsonl", b"{}\n{}\n", ["no rows"]),
    "missing_columns": (
        "e.csv",
        b"ts,event,anonymousId,id\n1,2,3,4\n",
        [
            "required columns are missing",
            "event_id ('id' looks like it)",
            "event_at ('ts' looks like it)",
            "event_name ('event' looks like it)",
            "visitor_id ('anonymousId' looks like it)",
            "the file has ts, event, anonymousId, id",
            "web.events needs event_id, event_at, event_name, visitor_id",
        ],
    ),
    "a_misspelt_column": (
        "e.csv",
        HEADER.replace(b"visitor_id", b"visitorid") + GOOD_ROW,
        ["a required column is missing: visitor_id ('visitorid' looks like it)"],
    ),
    "a_column_missing_in_json": (
        "e.jsonl",
        json.dumps({name: "x" for name in EVENT if name != "event_at"}).encode(),
        ["a required column is missing: event_at"],
    ),
    "a_column_missing_in_parquet": (
        "e.parquet",
        parquet(events().drop_columns(["visitor_id"])),
        ["a required column is missing: visitor_id"],
    ),
    "the_same_column_twice": (
        "e.csv",
        HEADER.strip() + b",Page_Title\n1,2,3,4,5,6\n",
        ["page_title", "2 times", "'Page_Title'"],
    ),
    "the_same_column_twice_in_parquet": ("e.parquet", parquet(TWICE), ["event_at", "2 times"]),
    "the_same_column_twice_in_json": (
        "e.jsonl",
        GOOD_LINE + json.dumps(EVENT | {"EVENT_ID": "2"}).encode(),
        ["event_id", "2 times", "'EVENT_ID'"],
    ),
    "a_column_without_a_name": (
        "e.csv",
        b"," + HEADER + b"0," + GOOD_ROW,
        ["column 1 has no name", "index=False"],
    ),
    "a_reserved_column_in_csv": (
        "e.csv",
        HEADER.strip() + b",_Loaded_At\n1,2,3,4,5,6\n",
        ["column 6", "_Loaded_At", "rename it"],
    ),
    "a_reserved_column_in_json": (
        "e.jsonl",
        json.dumps(EVENT | {"_source_file": "x"}).encode(),
        ["_source_file", "rename it"],
    ),
    "a_reserved_column_in_parquet": (
        "e.parquet",
        parquet(events(_source_row=pa.array([1]))),
        ["_source_row", "rename it"],
    ),
    "a_truncated_parquet_file": ("e.parquet", parquet(events())[:-50], ["cut off", "again"]),
    "no_parquet_file_at_all": ("e.parquet", b"hello", ["not a Parquet file"]),
    "parquet_without_rows": ("e.parquet", parquet(events().slice(0, 0)), ["no rows"]),
    "parquet_bytes_that_are_not_text": (
        "e.parquet",
        parquet(events(raw=pa.array([b"\xe9"]))),
        ["column raw", "not text"],
    ),
    "parquet_text_that_is_not_utf8": (
        "e.parquet",
        parquet(events(page_title=BROKEN_TEXT)),
        ["column page_title", "not UTF-8"],
    ),
    "a_truncated_gzip_file": (
        "e.csv.gz",
        gzip.compress(HEADER + GOOD_ROW * 1000)[:-30],
        ["gzip", "too early", "again"],
    ),
    "a_damaged_gzip_file": (
        "e.jsonl.gz",
        gzip.compress(GOOD_LINE)[:-8] + b"12345678",
        ["gzip file is damaged"],
    ),
    "text_called_gz": ("e.csv.gz", HEADER + GOOD_ROW, ["not gzip"]),
    "an_empty_gzip_file": ("e.csv.gz", gzip.compress(b""), ["blank lines only"]),
    "gzip_called_csv": ("e.csv", gzip.compress(HEADER + GOOD_ROW), ["gzip", "ends in .gz"]),
    "parquet_called_csv": ("e.csv", parquet(events()), ["Parquet", "ends in .parquet"]),
    "a_workbook": ("e.csv", b"PK\x03\x04rest", ["Excel", "CSV"]),
    "an_unknown_ending": ("e.xlsx", b"PK\x03\x04rest", [".csv", ".jsonl", ".parquet"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_does_not_fit_is_refused(case: str, tmp_path: Path) -> None:
    name, content, said = CASES[case]
    zone, path = tmp_path / "zone", tmp_path / name
    ensure_zone(zone)
    path.write_bytes(content)
    before = sorted(zone.rglob("*"))
    with pytest.raises(RefusedFileError) as refusal:
        land_file(zone, "web.events", path)
    for words in said:
        assert words in str(refusal.value)
    assert [file for file in sorted(zone.rglob("*")) if file.name != ".lock"] == before
    assert path.read_bytes() == content


@pytest.mark.parametrize(("name", "said"), [("none.csv", "no such file"), (".", "a folder")])
def test_what_is_not_a_file_is_refused(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(RefusedFileError, match=said):
        land_file(tmp_path / "zone", "web.events", tmp_path / name)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(HEADER + GOOD_ROW)

    def append_once(_: int) -> None:
        if path.stat().st_size == len(HEADER + GOOD_ROW):
            with path.open("ab") as file:
                file.write(GOOD_ROW)

    with pytest.raises(RefusedFileError, match="changed while it was read"):
        land_file(tmp_path / "zone", "web.events", path, progress=append_once)
    assert not list((tmp_path / "zone").rglob("*.parquet"))


def test_rows_in_memory_without_a_required_column_are_refused(tmp_path: Path) -> None:
    rows = events().drop_columns(["event_at"])
    with pytest.raises(RefusedFileError, match="a required column is missing: event_at"):
        land_table(tmp_path, "web.events", rows, file_name="e", loaded_at=datetime(2025, 1, 1))
    assert not list(tmp_path.rglob("*.parquet"))


def test_values_that_do_not_fit_their_type_land_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("order_id,ordered_at,total\n1,not a date,many\n,,\n", encoding="utf-8")
    assert land_file(tmp_path / "zone", "shop.orders", path).row_count == 2


def test_a_quote_within_an_unquoted_value_is_text(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(HEADER + b'1,2,3,4,5" screen\n2,2,3,4,say "hi"\n')
    landed = land_file(tmp_path / "zone", "web.events", path)
    titles = pq.read_table(landed.path, columns=["page_title"])["page_title"].to_pylist()
    assert titles == ['5" screen', 'say "hi"']


def land_or_refuse(name: str, content: bytes) -> str | None:
    """Land into a zone of its own; return why it was refused. Any other error fails the test."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            land_file(Path(folder) / "zone", "web.events", path)
        except RefusedFileError as error:
            return str(error)
    return None


@many
@given(
    tail=st.lists(
        st.sampled_from([GOOD_ROW, b'"', b",", b"\n", b"\r\n", b"\r", b"x", b"\0", b"\xff", b"\\"])
    ).map(b"".join)
)
@example(tail=b"")
def test_any_csv_is_landed_or_refused(tail: bytes) -> None:
    refusal = land_or_refuse("events.csv", HEADER + tail)
    is_clean = _strict_csv_rows(HEADER + tail)
    assert (refusal is None) == is_clean


def _strict_csv_rows(content: bytes) -> bool:
    """Whether a second CSV reader finds rows, all of five fields of clean text."""
    try:
        text = io.StringIO(content.decode(), newline="")
        rows = [row for row in csv.reader(text, strict=True) if row]
    except (UnicodeDecodeError, csv.Error):
        return False
    return len(rows) > 1 and {len(row) for row in rows} == {5} and b"\0" not in content


@many
@given(
    tail=st.lists(
        st.sampled_from(
            [GOOD_LINE, b"{", b"}", b'"a"', b":", b"1", b"\n", b"\xff", b"\\ud800", b"[]"]
        )
    ).map(b"".join)
)
def test_any_json_is_landed_or_refused(tail: bytes) -> None:
    refusal = land_or_refuse("events.jsonl", GOOD_LINE + tail)
    assert (refusal is None) == _all_lines_are_events(GOOD_LINE + tail)


def _all_lines_are_events(content: bytes) -> bool:
    try:
        values = [json.loads(line) for line in content.splitlines() if line.strip()]
        json.dumps(values, ensure_ascii=False).encode()
    except ValueError:
        return False
    return all(isinstance(value, dict) for value in values)


@many
@given(data=st.data())
def test_a_file_cut_anywhere_is_refused_or_landed_but_never_breaks(data: st.DataObject) -> None:
    name, content = data.draw(
        st.sampled_from(
            [
                ("events.parquet", parquet(events())),
                ("events.csv.gz", gzip.compress(HEADER + GOOD_ROW * 50)),
                ("events.jsonl.gz", gzip.compress(GOOD_LINE * 50)),
            ]
        )
    )
    length = data.draw(st.integers(0, len(content) - 1))
    assert land_or_refuse(name, content[:length]) is not None


@many
@given(
    chunks=st.lists(st.text('",\na', max_size=4).map(str.encode), max_size=12),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_quotes_called_clean_are_clean_wherever_the_chunks_end(
    chunks: list[bytes], mark: bytes
) -> None:
    first, *rest = chunks or [b""]
    check, whole = QuoteCheck(","), QuoteCheck(",")
    for chunk in [mark + first, *rest]:
        check.feed(chunk)
    whole.feed(mark + b"".join(chunks))
    is_clean = whole.is_clean()
    assert check.is_clean() == is_clean
    text = b"".join(chunks).decode()
    if is_clean:
        list(csv.reader(io.StringIO(text, newline=""), strict=True))  # raises where it is not
    else:
        assert '"' in text
