"""`dbt source freshness` says when the newest file of each raw table was landed."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.python.conftest import NewWarehouse
from tests.python.warehouse import Warehouse

WARN, ERROR = timedelta(hours=37), timedelta(days=8)


def land_aged(warehouse: Warehouse, table: str, age: timedelta) -> Path:
    """Land a file that looks as if it had been landed some time ago."""
    rows = [{"order_id": f"o{age}", "ordered_at": "2020-01-01 00:00", "total": "1"}]
    if table == "web.events":
        rows = [{"event_id": f"e{age}", "event_at": "2020-01-01", "visitor_id": "v"}]
        rows[0]["event_name"] = "page_view"
    path = warehouse.land(table, rows, "export.csv", datetime(2020, 1, 1)).path
    landed_at = (datetime.now(UTC) - age).timestamp()
    os.utime(path, (landed_at, landed_at))
    return path


def test_a_table_is_as_fresh_as_its_newest_file(new_warehouse: NewWarehouse) -> None:
    with new_warehouse() as warehouse:
        for contract in warehouse.zone.glob("*/*/0_contract.parquet"):
            os.utime(contract, (0, 0))
        nothing_landed = warehouse.freshness()
        assert len(nothing_landed) == 16
        assert {verdict for verdict, _ in nothing_landed.values()} == {"pass"}

        land_aged(warehouse, "web.events", WARN)
        land_aged(warehouse, "shop.orders", ERROR)
        late = warehouse.freshness()
        assert late["web.events"][0] == "warn"
        assert late["shop.orders"][0] == "error"
        assert {name for name, (verdict, _) in late.items() if verdict != "pass"} == {
            *("web.events", "shop.orders"),
        }

        newest = land_aged(warehouse, "shop.orders", timedelta(hours=1))
        verdict, landed_at = warehouse.freshness()["shop.orders"]
        assert verdict == "pass"
        assert abs(landed_at.timestamp() - newest.stat().st_mtime) < 1
