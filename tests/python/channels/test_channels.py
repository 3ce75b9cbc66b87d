"""Channels: golden cases from the event to the session's channel, by the rules the shop runs on."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shoptrack.contract import PROJECT_ROOT
from tests.python.conftest import NewWarehouse
from tests.python.warehouse import Warehouse

CASES = list(csv.DictReader((Path(__file__).parent / "golden_cases.csv").open(encoding="utf-8")))
DAY = datetime(2025, 3, 3)
SENT = ("utm_source", "utm_medium", "utm_campaign", "page_url", "page_referrer")
CLICK_IDS = ("gclid", "fbclid", "msclkid")


def events() -> list[dict[str, str]]:
    """One page view per case, by a visitor that is called by the case's number."""
    rows = []
    for number, case in enumerate(CASES):
        row = {name: case[name] for name in SENT}
        row |= {name: "x" if name in case["click_ids"].split() else "" for name in CLICK_IDS}
        at = DAY + timedelta(minutes=number)
        rows.append(
            row
            | {
                "event_id": f"e{number}",
                "event_at": at.isoformat(),
                "event_name": "page_view",
                "visitor_id": f"{number}",
            }
        )
    return rows


@pytest.fixture(scope="module")
def built(new_warehouse: NewWarehouse) -> Iterator[Warehouse]:
    """A warehouse of the cases, up to fct_sessions."""
    with new_warehouse() as warehouse:
        warehouse.land("web.events", events(), "events.csv", DAY + timedelta(days=1))
        warehouse.build(["+fct_sessions"])
        yield warehouse


def test_every_golden_case_gets_its_channel_source_and_medium(built: Warehouse) -> None:
    found = {
        int(visitor): tuple(values)
        for visitor, *values in built.query(
            "select visitor_id, channel, source, medium from marts.fct_sessions"
        )
    }
    wrong = [
        (case["reason"], expected, found.get(number))
        for number, case in enumerate(CASES)
        if (expected := (case["channel"], case["source"], case["medium"])) != found.get(number)
    ]
    assert not wrong
    assert len(found) == len(CASES) >= 80


def test_every_channel_of_the_rules_occurs_and_no_case_is_there_twice() -> None:
    with (PROJECT_ROOT / "seeds" / "channel_rules.csv").open(encoding="utf-8") as file:
        channels = {row["channel"] for row in csv.DictReader(file)}
    assert {case["channel"] for case in CASES} == channels
    inputs = Counter(tuple(case[name] for name in (*SENT, "click_ids")) for case in CASES)
    assert max(inputs.values()) == 1
    assert all(case["reason"] for case in CASES)


def test_no_click_id_goes_past_staging_with_more_than_its_first_character(
    built: Warehouse,
) -> None:
    (found,) = built.query(
        "select string_agg(traffic, ' ') from intermediate.int_events_sessionized"
    )
    assert "?srsltid=A&gclid=x" in found[0]
    assert "AfmB" not in found[0]
