"""What is stored by landed file: new files enter, and what left the landing zone leaves."""

from __future__ import annotations

from datetime import datetime

from tests.python.conftest import NewWarehouse
from tests.python.warehouse import Warehouse

DAY = datetime(2025, 1, 2)
AT = "2025-01-01 10:00:00"
MARTS = ["+fct_rejected_rows", "+rpt_schema_drift", "int_event_files_counted"]
REJECTED = "select source_table, reason, source_row from marts.fct_rejected_rows order by all"


def land_bad_rows(warehouse: Warehouse, number: int) -> None:
    """Land a good and a bad row of two tables, and a line without its order, of this number."""
    order = {"order_id": f"{number}", "ordered_at": AT, "updated_at": AT, "currency": "EUR"}
    line = {"order_line_id": f"{number}", "order_id": "none", "product_id": "p"}
    line |= {"quantity": "1", "unit_price": "1"}
    consent = {"subject_id": f"{number}", "recorded_at": AT, "consent_analytics": "false"}
    rows = {
        "shop.orders": [{**order, "total": "9"}, {**order, "total": "?"}],
        "shop.order_lines": [line],
        "web.consents": [consent, {**consent, "recorded_at": "soon"}],
    }
    for table, landed in rows.items():
        warehouse.land(table, landed, f"{number}.csv", DAY)


def test_rows_of_new_files_enter_and_those_of_files_that_left_leave(
    new_warehouse: NewWarehouse,
) -> None:
    found = [
        ("shop.order_lines", "order_id has no order", 1),
        ("shop.orders", "total is not a number", 2),
        ("web.consents", "recorded_at is not a timestamp", 2),
    ]
    state = ["intermediate.int_rows_checked", "intermediate.int_consents_landed"]
    with new_warehouse() as warehouse, new_warehouse() as refreshed:
        event = {"event_id": "e", "event_at": AT, "visitor_id": "v", "event_name": "page_view"}
        warehouse.land("web.events", [event], "events.csv", DAY)
        for number in (1, 2):
            land_bad_rows(warehouse, number)
            warehouse.build([*MARTS, "+int_event_files_counted"])
        assert warehouse.query(REJECTED) == sorted(found * 2)

        for file in warehouse.landed():
            if file.name.startswith("1.csv"):
                (warehouse.zone / file).unlink()
        warehouse.build(MARTS)
        assert warehouse.query(REJECTED) == found

        refreshed.take(warehouse.zone, warehouse.landed())
        refreshed.build(MARTS)
        assert warehouse.difference(refreshed, state) == ""
