"""Who comes, from where, and what do they look at?"""

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
- **Session**: events of a visitor with no gap longer than the session timeout; its day is that of
  its first event. Robots are left out.
- **New visitors**: visitors whose first session it is. Distinct visitors do not add up over days,
  so they are not here.
- **Engaged session**: longer than 10 s, or with a key event, or with at least 2 page views.
  **Bounce**: not engaged.
- **Session conversion** = sessions with a purchase / sessions.
- **Channel**: the first rule that fits the session's own source, after GA4's default channel
  groups.
- **Audience**: groups that are too small are merged into one, so that nobody can be found.
- **Turned back**: of the sessions that went from one page to the next, those that came back to it
  at once.
"""
_LINES = 6
_WEEKLY_FROM_DAYS = 120


def show(view: View) -> None:
    """Draw the page."""
    with section(view, "Sessions and their quality", "frame/traffic_daily"):
        show_headlines(_headlines(view), columns=3)
    left, right = st.columns(2, gap="medium")
    with left, section(view, "Sessions per day", "frame/traffic_daily"):
        current, before = view.daily("frame/traffic_daily")
        chart = charts.over_time(current, before, "sessions", charts.counted("Sessions"))
        show_chart(chart, "Sessions per day")
    with right:
        _channels_over_time(view)
    for dimension, title in (
        ("channels", "Channel"),
        ("devices", "Device"),
        ("countries", "Country"),
    ):
        with section(view, f"Sessions by {title.lower()}", f"traffic/by_{dimension}"):
            _breakdown(view, dimension, title)
    left, right = st.columns(2, gap="medium")
    with left:
        _exit_pages(view)
    with right:
        _transitions(view)
    _audience(view)


def _headlines(view: View) -> list[Headline]:
    frames = view.daily("frame/traffic_daily")
    return [
        headline(frames, "Sessions", formats.count, lambda sums: sums["sessions"]),
        headline(frames, "New visitors", formats.count, lambda sums: sums["new_visitors"]),
        headline(
            frames,
            "Session conversion",
            formats.fine_share,
            lambda sums: ratio(sums["purchase_sessions"], sums["sessions"]),
            is_share=True,
        ),
        headline(
            frames,
            "Engagement rate",
            formats.share,
            lambda sums: ratio(sums["engaged_sessions"], sums["sessions"]),
            is_share=True,
        ),
        headline(
            frames,
            "Bounce rate",
            formats.share,
            lambda sums: ratio(sums["bounces"], sums["sessions"]),
            is_share=True,
            good="down",
        ),
        headline(
            frames,
            "Pages per session",
            formats.decimal(2),
            lambda sums: ratio(sums["page_views"], sums["sessions"]),
        ),
    ]


def _channels_over_time(view: View) -> None:
    is_weekly = view.filters.period.days > _WEEKLY_FROM_DAYS
    title = f"Sessions of the largest channels per {'week' if is_weekly else 'day'}"
    with section(view, title, "traffic/channels_over_time"):
        frame = view.rows("traffic/channels_over_time", is_weekly=is_weekly)
        largest = frame.groupby("channel")["sessions"].sum().nlargest(_LINES).index
        frame = frame[frame["channel"].isin(largest)]
        every = pd.MultiIndex.from_product([sorted(set(frame["day"])), largest])
        frame = frame.set_index(["day", "channel"])["sessions"].reindex(every, fill_value=0)
        frame = frame.rename_axis(["day", "channel"]).reset_index()
        chart = charts.lines(frame, "sessions", "channel", charts.counted("Sessions"))
        show_chart(chart, title)


def _breakdown(view: View, dimension: str, title: str) -> None:
    frame = view.rows(f"traffic/by_{dimension}")
    before = view.rows_before(f"traffic/by_{dimension}")
    frame = frame.assign(
        share=ratio(frame["sessions"], pd.Series(frame["sessions"].sum(), frame.index)),
        conversion=ratio(frame["purchase_sessions"], frame["sessions"]),
        bounce_rate=ratio(frame["bounces"], frame["sessions"]),
        pages=ratio(frame["page_views"], frame["sessions"]),
    )
    columns = {
        "name": Column(title),
        "sessions": Column("Sessions", formats.count),
        "change": Column("vs before", formats.change, "Change since the period before"),
        "share": Column("Share", formats.share),
        "new_visitors": Column("New visitors", formats.count),
        "bounce_rate": Column("Bounce rate", formats.share),
        "pages": Column("Pages / session", formats.decimal(2)),
        "orders": Column("Tracked orders", formats.count),
        "conversion": Column(
            "Conversion", formats.fine_share, "Sessions with a purchase / sessions"
        ),
        "net_revenue": Column("Tracked net sales", view.money),
    }
    if before is None:
        del columns["change"]
    else:
        then = frame["name"].map(before.set_index("name")["sessions"])
        frame = frame.assign(change=ratio(frame["sessions"] - then, then))
    show_table(view, frame, columns, f"by_{dimension}")


def _exit_pages(view: View) -> None:
    with section(view, "Pages on which sessions end", "traffic/exit_pages"):
        columns = {
            "page": Column("Page"),
            "exits": Column("Sessions", formats.count, "Sessions that ended on the page"),
            "exit_share": Column("Share", formats.share, "Of all sessions with page views"),
        }
        show_table(view, view.rows("traffic/exit_pages"), columns, "exit_pages")


def _transitions(view: View) -> None:
    with section(view, "From one page to the next", "traffic/transitions"):
        columns = {
            "from_page": Column("From"),
            "to_page": Column("To"),
            "sessions": Column("Sessions", formats.count),
            "loop_share": Column("Turned back", formats.share, "Sessions that came back at once"),
        }
        show_table(view, view.rows("traffic/transitions"), columns, "transitions")


def _audience(view: View) -> None:
    with section(view, "Audience", "traffic/audience", note="Small groups are merged"):
        frame = view.rows("traffic/audience")
        frame = frame.assign(conversion=ratio(frame["purchase_sessions"], frame["sessions"]))
        columns = {
            "country": Column("Country"),
            "region": Column("Region"),
            "language": Column("Language"),
            "age_bracket": Column("Age"),
            "gender": Column("Gender"),
            "sessions": Column("Sessions", formats.count),
            "conversion": Column("Conversion", formats.fine_share),
            "net_revenue": Column("Tracked net sales", view.money),
        }
        show_table(view, frame, columns, "audience")
