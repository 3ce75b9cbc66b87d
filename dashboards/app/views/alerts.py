"""What makes the figures of a period doubtful: the alerts that stand on the overview."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from dashboards.app import formats
from dashboards.app.marts import NoDataError
from dashboards.app.view import View, ratio, section

_QUERIES = ("frame/event_quality", "frame/reconciliation")


@dataclass(frozen=True)
class Limit:
    """A share above which people should look: of which column in which, and what to call it."""

    part: str
    whole: str
    most: float
    name: str


LIMITS = (
    Limit("late_events", "landed_events", 0.05, "of the events came late"),
    Limit("duplicate_events", "landed_events", 0.05, "of the landed events were duplicates"),
    Limit("bot_sessions", "sessions", 0.20, "of the sessions were robots"),
    Limit("rejected_events", "loaded_events", 0.01, "of the loaded events were rejected"),
)
LEAST_TRACKED = 0.95
MOST_DIFFERENCE = 0.001  # roundings of a penny are below


def show(view: View) -> None:
    """Draw the alerts, or say what was looked at and found good."""
    with section(view, "Can these figures be trusted?", *_QUERIES):
        found = list(_found(view))
        for alert in found:
            st.warning(formats.escaped(alert), icon=":material/warning:")
        if not found:
            st.success(
                "Nothing stands out: late, duplicate, robot and rejected shares, tracked orders,"
                " order totals and sample ratios are within their limits.",
                icon=":material/check_circle:",
            )


def _found(view: View) -> Iterator[str]:
    yield from _of_events(view)
    yield from _of_orders(view)
    try:
        for experiment in view.rows("overview/sample_ratio")["experiment"]:
            yield (
                f"Experiment {experiment}: its groups do not fit the planned shares, so its results"
                " cannot be trusted."
            )
    except NoDataError:
        return


def _of_events(view: View) -> Iterator[str]:
    try:
        sums = view.rows("frame/event_quality").drop(columns="day").sum()
    except NoDataError:
        return
    for limit in LIMITS:
        share = ratio(sums[limit.part], sums[limit.whole])
        if share is not None and share > limit.most:
            yield f"{formats.share(share)} {limit.name}; more than {formats.share(limit.most)}."


def _of_orders(view: View) -> Iterator[str]:
    try:
        frame = view.rows("frame/reconciliation")
    except NoDataError:
        return
    tracked = ratio(frame["tracked_orders"].sum(), frame["orders"].sum())
    if tracked is not None and tracked < LEAST_TRACKED:
        yield (
            f"Tracking saw {formats.share(tracked)} of the orders; less than"
            f" {formats.share(LEAST_TRACKED)}, so conversion is too low."
        )
    differing = frame["total_difference"].abs().sum()
    share = ratio(differing, frame["stated_total"].sum())
    if share is not None and share > MOST_DIFFERENCE:
        yield (
            f"Totals of orders and their lines differ by {view.money(differing)},"
            f" {formats.fine_share(share)} of what the orders state: see Data quality."
        )
