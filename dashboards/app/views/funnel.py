"""Where do buyers get lost, and what can be won back?"""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import streamlit as st

from dashboards.app import charts, formats
from dashboards.app.view import (
    Column,
    Headline,
    View,
    carts_are_final,
    headline,
    ratio,
    section,
    show_chart,
    show_headlines,
    show_table,
)

DEFINITIONS = """
- **Open** funnel: the step occurred in the session. **Closed**: it occurred no earlier than the
  earliest valid time of the step before, so that counts never rise from step to step.
- **Lost value**: the largest value that the step's events carried, in sessions that closed this
  step and not the next.
- **Abandoned cart**: it held an item and was left for longer than the window (24 h by default);
  it stays so when it is bought later (**recovered**). Younger carts are open
  and in no denominator.
- **Cart abandonment rate** = abandoned / (all carts − open). **Checkout abandonment rate**: the
  same among carts that reached `begin_checkout`: another number.
- **Likely reason**: the first that the data bears out: an item out of stock that day; a payment
  error, or left after `add_payment_info`; left after `add_shipping_info`; a price that rose or
  that a competitor undercut; else unknown.
- **Follow-up list**: abandoned carts of known customers who accept marketing. Ids are pseudonyms.
"""


def show(view: View) -> None:
    """Draw the page."""
    with section(view, "Carts and checkouts", "frame/carts_daily"):
        show_headlines(_headlines(view))
    left, right = st.columns([0.42, 0.58], gap="medium")
    with left:
        _steps(view)
    with right:
        _losses(view)
    for dimension, title in (("channels", "channel"), ("devices", "device")):
        with section(
            view,
            f"How far sessions come, by {title}",
            f"funnel/by_{dimension}",
            note="Closed funnel; shares are of the step before",
        ):
            _by(view, dimension, title)
    note = "Days with open carts are not final, and left out"
    with section(view, "Cart abandonment rate per day", "frame/carts_daily", note=note):
        _abandonment_over_time(view)
    _reasons(view)
    _reminders(view)
    _follow_ups(view)


def _headlines(view: View) -> list[Headline]:
    frames = view.daily("frame/carts_daily")
    return [
        headline(
            frames,
            "Cart abandonment rate",
            formats.share,
            lambda sums: ratio(sums["abandoned_carts"], sums["carts"] - sums["open_carts"]),
            is_share=True,
            good="down",
            is_final=carts_are_final,
        ),
        headline(
            frames,
            "Checkout abandonment rate",
            formats.share,
            lambda sums: ratio(sums["abandoned_checkouts"], sums["checkouts"]),
            is_share=True,
            good="down",
            is_final=carts_are_final,
        ),
        headline(
            frames,
            "Abandoned value",
            view.money,
            lambda sums: sums["abandoned_value"],
            good="down",
            is_final=carts_are_final,
        ),
        headline(
            frames,
            "Recovery rate",
            formats.share,
            lambda sums: ratio(sums["recovered_carts"], sums["abandoned_carts"]),
            is_share=True,
            help="Recovered / abandoned carts; those of the newest days are still to come",
        ),
    ]


def _steps(view: View) -> None:
    with section(view, "Sessions that reach each step", "funnel/steps"):
        frame = view.rows("funnel/steps")
        frame = frame.assign(step=frame["step"].map(formats.words))
        kinds = {"sessions_closed": "Closed: in order", "sessions_open": "Open: at any time"}
        long = frame.rename(columns=kinds).melt(
            ["step", "step_number"], list(kinds.values()), "kind", "value"
        )
        long = long.sort_values("step_number", kind="stable")
        unit = charts.counted("Sessions")
        show_chart(
            charts.grouped_bars(long.rename(columns={"step": "name"}), unit),
            "Sessions that reach each step of the funnel, closed and open",
        )


def _losses(view: View) -> None:
    with section(view, "What is lost after each step", "funnel/steps", note="Closed funnel"):
        frame = view.rows("funnel/steps")
        closed = frame["sessions_closed"]
        frame = frame.assign(
            step=frame["step"].map(formats.words),
            from_before=ratio(closed, closed.shift(1)),
            from_first=ratio(closed, pd.Series(closed.iloc[0], frame.index)),
            lost=closed - closed.shift(-1),
        )
        columns = {
            "step": Column("Step"),
            "sessions_closed": Column("Sessions", formats.count),
            "from_before": Column("Of previous", formats.share),
            "from_first": Column("Of first", formats.share),
            "lost": Column("Lost", formats.count, "Sessions that came no further"),
            "lost_value": Column("Lost value", view.money),
        }
        show_table(view, frame, columns, "steps")


def _by(view: View, dimension: str, title: str) -> None:
    frame = view.rows(f"funnel/by_{dimension}")
    steps = list(
        frame[["step_number", "step"]].drop_duplicates().sort_values("step_number")["step"]
    )
    wide = frame.pivot_table(index="name", columns="step", values="sessions_closed", aggfunc="sum")
    wide = wide.reindex(columns=steps).fillna(0)
    shares = {f"to_{then}": ratio(wide[then], wide[now]) for now, then in pairwise(steps)}
    lost = frame.groupby("name")["lost_value"].sum()
    wide = wide.assign(**shares, overall=ratio(wide[steps[-1]], wide[steps[0]]), lost_value=lost)
    wide = wide.sort_values(steps[0], ascending=False).reset_index()
    columns = {
        "name": Column(title.capitalize()),
        steps[0]: Column(formats.words(steps[0]).capitalize(), formats.count),
        **{
            f"to_{step}": Column(
                f"→ {formats.words(step)}", formats.share, "Of the sessions at the step before"
            )
            for step in steps[1:]
        },
        steps[-1]: Column("Purchases", formats.count),
        "overall": Column("First to last", formats.fine_share),
        "lost_value": Column("Lost value", view.money),
    }
    show_table(view, wide, columns, f"by_{dimension}")


def _abandonment_over_time(view: View) -> None:
    current, before = view.daily("frame/carts_daily")

    def rate(frame: pd.DataFrame) -> pd.DataFrame:
        final = frame["carts"].where(carts_are_final(frame))
        return frame.assign(rate=ratio(frame["abandoned_carts"], final))

    chart = charts.over_time(
        rate(current),
        None if before is None else rate(before),
        "rate",
        charts.shared("Abandoned / carts"),
    )
    show_chart(chart, "Cart abandonment rate per day")


def _reasons(view: View) -> None:
    with section(view, "Likely reasons of abandoned carts", "funnel/reasons"):
        frame = view.rows("funnel/reasons")
        frame = frame.assign(
            reason=frame["reason"].map(formats.words),
            recovery_rate=ratio(frame["recovered_carts"], frame["abandoned_carts"]),
        )
        columns = {
            "reason": Column("Likely reason"),
            "abandoned_carts": Column("Abandoned", formats.count),
            "abandoned_value": Column("Value", view.money),
            "recovered_carts": Column("Recovered", formats.count),
            "recovery_rate": Column("Recovery rate", formats.share),
        }
        shown = frame.rename(columns={"reason": "name", "abandoned_carts": "value"})
        unit = charts.counted("Abandoned carts")
        chart = charts.bars(shown.assign(written=shown["value"].map(formats.count)), unit)
        left, right = st.columns(2, gap="medium")
        with left:
            show_chart(chart, "Abandoned carts by likely reason")
        with right:
            show_table(view, frame, columns, "reasons")


def _reminders(view: View) -> None:
    note = "A comparison, causal only where the shop leaves out a random part of the carts"
    with section(view, "Do reminders bring carts back?", "funnel/reminders", note=note):
        frame = view.rows("funnel/reminders")
        frame = frame.assign(message_kind=frame["message_kind"].map(formats.words))
        points = "Percentage points; 95 % interval (Newcombe)"
        columns = {
            "message_kind": Column("Message"),
            "reminded_carts": Column("Carts with it", formats.count),
            "reminded_recovery_rate": Column("Recovered", formats.share),
            "other_carts": Column("Carts without", formats.count),
            "other_recovery_rate": Column("Recovered without", formats.share),
            "difference": Column("Difference", formats.share, points),
            "ci_low": Column("95 % from", formats.share, points),
            "ci_high": Column("95 % to", formats.share, points),
        }
        show_table(view, frame, columns, "reminders")


def _follow_ups(view: View) -> None:
    note = "The most valuable first, those that wait last"
    with section(view, "Carts to follow up", "funnel/follow_ups", note=note):
        frame = view.rows("funnel/follow_ups")
        words = ("reached_step", "abandonment_reason", "suggested_action")
        frame = frame.assign(**{name: frame[name].map(formats.words) for name in words})
        columns = {
            "suggested_action": Column("Suggested action"),
            "cart_value": Column("Value", view.money),
            "items": Column("Items", width="medium"),
            "left_at": Column("Left at (UTC)", formats.moment),
            "reached_step": Column("Reached"),
            "abandonment_reason": Column("Likely reason"),
            "reminder_count": Column("Reminders", formats.count),
            "device_category": Column("Device"),
            "customer_id": Column("Customer"),
            "cart_id": Column("Cart"),
        }
        show_table(view, frame, columns, "follow_ups")
