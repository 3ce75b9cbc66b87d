"""Drift: new, vanished and changed columns are told of at landing and in the mart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from shoptrack.cli import app
from shoptrack.contract import adapter_tables
from shoptrack.landing import land_file
from shoptrack.landing.drift import Change, drift_of
from shoptrack.landing.kinds import read_shape
from tests.python.conftest import NewWarehouse
from tests.python.warehouse import Warehouse

DAY = datetime(2025, 3, 3)
Rows = list[dict[str, Any]]
Write = Callable[[Path, Rows], Path]


def write_csv(path: Path, rows: Rows) -> Path:
    """Write rows as CSV."""
    lines = [",".join(rows[0]), *(",".join(str(value) for value in row.values()) for row in rows)]
    path = path.with_suffix(".csv")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_json(path: Path, rows: Rows) -> Path:
    """Write rows as JSON lines."""
    path = path.with_suffix(".jsonl")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_parquet(path: Path, rows: Rows) -> Path:
    """Write rows as Parquet with types of its own."""
    path = path.with_suffix(".parquet")
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def orders(day: int, **more: Any) -> Rows:
    """Three orders of a day; a value of `more` that is None takes the column away."""
    rows = [
        {
            "order_id": f"{day}{number}",
            "ordered_at": f"2025-03-{day:02} 10:00:00",
            "updated_at": f"2025-03-{day:02} 10:00:00",
            "currency": "EUR",
            "total": 12.5 + number,
            "coupon_text": "SPRING",
        }
        | more
        for number in range(3)
    ]
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


@pytest.mark.parametrize("write", [write_csv, write_json, write_parquet])
def test_each_kind_of_drift_is_told_for_each_format(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPTRACK_LANDING", str(tmp_path / "zone"))
    files = [
        write(tmp_path / "1", orders(1)),
        write(tmp_path / "2", orders(2)),
        write(tmp_path / "3", orders(3, total="twelve", coupon_text=None, gift=True)),
    ]
    told = []
    for file in files:
        result = CliRunner().invoke(app, ["land", "shop.orders", str(file)])
        assert result.exit_code == 0, result.output
        told.append([line for line in result.output.splitlines() if line.startswith("drift")])
    assert told[:2] == [[], []]
    assert told[2] == [
        f"drift    {files[2]}: total was number and is text",
        f"drift    {files[2]}: gift is new (boolean)",
        f"drift    {files[2]}: coupon_text has vanished (text)",
    ]


def test_the_same_values_in_another_format_are_no_drift(tmp_path: Path) -> None:
    landed = [
        land_file(tmp_path / "zone", "shop.orders", write(tmp_path / f"{day}", orders(day)))
        for day, write in enumerate((write_csv, write_json, write_parquet), start=1)
    ]
    assert [drift_of(each.path) for each in landed] == [[], [], []]


def test_a_few_broken_values_are_no_drift_and_ids_of_digits_are_text(tmp_path: Path) -> None:
    rows = [row for day in range(1, 5) for row in orders(day)]
    broken = [
        row | {"total": "12,90 EUR"} if not number else row for number, row in enumerate(rows)
    ]
    for number, each in enumerate((rows, broken)):
        landed = land_file(
            tmp_path / "zone", "shop.orders", write_json(tmp_path / f"{number}", each)
        )
    shape = read_shape(landed.path)
    assert shape is not None
    assert shape.columns["total"] == "number"
    assert shape.columns["order_id"] == "text"
    assert shape.columns["ordered_at"] == "timestamp"
    assert drift_of(landed.path) == []


def test_two_exports_that_take_turns_are_no_drift(tmp_path: Path) -> None:
    found = []
    for day in range(1, 7):
        rows = orders(day, gift=day % 2 or None)
        landed = land_file(
            tmp_path / "zone",
            "shop.orders",
            write_json(tmp_path / f"{day}", rows),
            loaded_at=DAY + timedelta(days=day),
        )
        found.append(drift_of(landed.path))
    assert found == [[], [Change("gift", "vanished", "number", None)], [], [], [], []]


def test_an_adapters_table_drifts_too(tmp_path: Path) -> None:
    table = next(table for name, table in adapter_tables().items() if "facebook" in name)
    needed = dict.fromkeys(table.required_columns, "1")
    for number, more in enumerate(({}, {"reach_of_all": 5})):
        file = write_json(tmp_path / f"{number}", [needed | more | {"note": f"{number}"}])
        landed = land_file(tmp_path / "zone", table.qualified_name, file)
    assert [(change.column, change.kind) for change in drift_of(landed.path)] == [
        ("reach_of_all", "new")
    ]


@pytest.fixture
def drifted(new_warehouse: NewWarehouse) -> Iterator[tuple[Warehouse, list[Path]]]:
    """A warehouse of forty files at random, landed in an order that is not that of their loads."""
    draw = Random(7)
    with new_warehouse() as warehouse:
        moments = [DAY + timedelta(hours=draw.randrange(30)) for _ in range(40)]
        paths = []
        for number, moment in enumerate(moments):
            rows: Rows = [
                {
                    "order_id": f"{number}",
                    "ordered_at": "2025-03-01 10:00:00",
                    "updated_at": "2025-03-01 10:00:00",
                    "currency": "EUR",
                    "total": "1.5",
                }
            ]
            for name in ("tax", "odd", "ödd ' one"):
                if draw.random() < 0.75:
                    rows[0][name] = draw.choice(("1.5", "x", '{"a": 1}', "", "2025-03-01"))
            landed = warehouse.land("shop.orders", rows, f"{number}.csv", moment)
            paths.append(landed.path)
        yield warehouse, paths


def test_the_mart_says_of_all_files_what_landing_says_of_each(
    drifted: tuple[Warehouse, list[Path]],
) -> None:
    warehouse, paths = drifted
    warehouse.build(["+rpt_schema_drift"])
    told = sorted(
        (path.stem, change.column, change.kind, change.before or "", change.after or "")
        for path in paths
        for change in drift_of(path)
    )
    found = warehouse.query(
        "select source_file, column_name, change_kind, coalesce(kind_before, ''),"
        " coalesce(kind_after, '') from marts.rpt_schema_drift where source_table = 'shop.orders'"
    )
    assert sorted(found) == told
    assert {kind for _, _, kind, _, _ in found} == {"new", "vanished", "changed_type"}
    (total,) = warehouse.query("select count(*) from marts.rpt_schema_drift")
    assert total == (len(told),)


def test_the_build_goes_on_and_what_does_not_convert_is_rejected(
    new_warehouse: NewWarehouse,
) -> None:
    with new_warehouse() as warehouse:
        for day in (1, 2):
            warehouse.land("shop.orders", orders(day), f"{day}.csv", DAY + timedelta(days=day))
        changed = orders(3, coupon_text=None, ordered_at="yesterday", gift="yes")
        warehouse.land("shop.orders", changed, "3.csv", DAY + timedelta(days=3))
        warehouse.build(["+rpt_schema_drift", "+fct_orders", "+fct_rejected_rows"])
        assert warehouse.query("select count(*) from marts.fct_orders") == [(6,)]
        (rejected,) = warehouse.query("select count(*), min(reason) from marts.fct_rejected_rows")
        assert rejected[0] == 3
        assert "ordered_at" in rejected[1]
        assert warehouse.query(
            "select column_name, change_kind from marts.rpt_schema_drift order by all"
        ) == [("coupon_text", "vanished"), ("gift", "new"), ("ordered_at", "changed_type")]


def test_files_landed_before_columns_were_noted_are_passed_over(
    new_warehouse: NewWarehouse,
) -> None:
    with new_warehouse() as warehouse:
        landed = [
            warehouse.land("shop.orders", orders(day), f"{day}.csv", DAY + timedelta(days=day))
            for day in (1, 2)
        ]
        table = pq.read_table(landed[0].path)
        pq.write_table(table.replace_schema_metadata(None), landed[0].path)
        assert read_shape(landed[0].path) is None
        assert drift_of(landed[1].path) == []
        warehouse.build(["+rpt_schema_drift"])
        assert warehouse.query("select * from marts.rpt_schema_drift") == []
