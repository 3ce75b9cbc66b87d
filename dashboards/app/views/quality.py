"""Can the data be trusted, and what was rejected?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards.app import charts, formats
from dashboards.app.view import (
    Column,
    Headline,
    View,
    headline,
    ratio,
    section,
    show_chart,
    show_headlines,
    show_table,
)

DEFINITIONS = """
- **Late event**: landed more than `late_after_hours` after it happened; of the
  newest days some are still to come. **Duplicate**: a further
  copy of an event id, not counted twice.
- **Robot**: a user agent of `seeds/bot_user_agents.csv`, or too many events in one session; left
  out of the reports.
- **Rejected**: rows that no mart could take; each is kept in `fct_rejected_rows` with the first
  thing that is wrong. They count on the day of their load, because their own dates cannot be
  trusted.
- **Tracked orders**: orders that tracking saw / orders. Blockers and refused consent lower it,
  and conversion with it.
- **Total difference** = what orders state they charged − gross sales + discounts − tax − shipping
  − gift cards: anything but 0 means that lines are missing or totals are wrong at the source.
"""
_PENNY = 0.005
_SHARES = (
    ("Late events", "late_events", "landed_events"),
    ("Duplicate events", "duplicate_events", "landed_events"),
    ("Robot sessions", "bot_sessions", "sessions"),
    ("Rejected events", "rejected_events", "loaded_events"),
)


def show(view: View) -> None:
    """Draw the page."""
    with section(view, "Events", "frame/event_quality"):
        show_headlines(_of_events(view))
    with section(view, "Tracking against orders", "frame/reconciliation"):
        show_headlines(_of_orders(view))
    for pair in (_SHARES[:2], _SHARES[2:]):
        for place, (title, part, whole) in zip(st.columns(2, gap="medium"), pair, strict=True):
            with place, section(view, f"{title} per day", "frame/event_quality"):
                _share_chart(view, title, part, whole)
    left, right = st.columns(2, gap="medium")
    with left, section(view, "Orders and tracked purchases per day", "frame/reconciliation"):
        _orders_chart(view)
    with right:
        _differences(view)
    note = "Loaded since the first of the chosen dates, newest example"
    with section(view, "Rejected rows by reason", "quality/rejected", note=note):
        _rejected(view)


def _of_events(view: View) -> list[Headline]:
    frames = view.daily("frame/event_quality")

    def figure(label: str, part: str, whole: str) -> Headline:
        return headline(
            frames,
            label,
            formats.fine_share,
            lambda sums: ratio(sums[part], sums[whole]),
            is_share=True,
            good="down",
        )

    return [figure(*share) for share in _SHARES]


def _of_orders(view: View) -> list[Headline]:
    frames = view.daily("frame/reconciliation")
    return [
        headline(
            frames,
            "Tracked orders",
            formats.share,
            lambda sums: ratio(sums["tracked_orders"], sums["orders"]),
            is_share=True,
            help="Orders that tracking saw / orders",
        ),
        headline(
            frames,
            "Purchases with a known order",
            formats.share,
            lambda sums: ratio(sums["matched_purchases"], sums["tracked_purchases"]),
            is_share=True,
        ),
        Headline(
            "Total difference",
            float(frames[0]["total_difference"].sum()),
            view.money,
            help="0 where the orders' totals are what their lines add up to",
        ),
        Headline(
            "Days that do not add up",
            float((frames[0]["total_difference"].abs() > _PENNY).sum()),
            formats.count,
        ),
    ]


def _share_chart(view: View, title: str, part: str, whole: str) -> None:
    current, before = view.daily("frame/event_quality")

    def share(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(share=ratio(frame[part], frame[whole]))

    chart = charts.over_time(
        share(current),
        None if before is None else share(before),
        "share",
        charts.shared(f"Share of {formats.words(whole)}", places=2),
    )
    show_chart(chart, f"{title}, share per day")


def _orders_chart(view: View) -> None:
    current, _ = view.daily("frame/reconciliation")
    names = {"orders": "Orders", "tracked_orders": "Orders that tracking saw"}
    long = current.rename(columns=names).melt("day", list(names.values()), "kind", "orders_shown")
    chart = charts.lines(
        long,
        "orders_shown",
        "kind",
        charts.counted("Orders"),
        colours=(charts.BLUE, charts.ORANGE),
    )
    show_chart(chart, "Orders and orders that tracking saw, per day")


def _differences(view: View) -> None:
    note = "The largest difference first"
    with section(view, "Do the orders' totals add up?", "frame/reconciliation", note=note):
        frame = view.rows("frame/reconciliation")
        frame = frame.assign(size=frame["total_difference"].abs())
        frame = frame.sort_values(["size", "day"], ascending=False)
        columns = {
            "day": Column("Day", formats.day),
            "orders": Column("Orders", formats.count),
            "stated_total": Column("Stated", view.money, "What the orders say they charged"),
            "computed_total": Column("Computed", view.money, "From lines, tax and shipping"),
            "gift_card_sales": Column("Gift cards", view.money),
            "total_difference": Column("Difference", view.money),
        }
        show_table(view, frame, columns, "differences")


def _rejected(view: View) -> None:
    columns = {
        "source_table": Column("Table"),
        "reason": Column("Reason"),
        "rows_rejected": Column("Rows", formats.count),
        "last_loaded_at": Column("Last loaded (UTC)", formats.moment),
        "example_row_key": Column("Example: key"),
        "example_file": Column("Example: file"),
        "example_row": Column("Example: row", formats.count),
    }
    show_table(view, view.rows("quality/rejected"), columns, "rejected")
