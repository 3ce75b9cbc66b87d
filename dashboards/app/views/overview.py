"""How is the shop doing?"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards.app import charts, formats
from dashboards.app.marts import NoDataError
from dashboards.app.view import (
    Headline,
    View,
    carts_are_final,
    headline,
    ratio,
    section,
    show_chart,
    show_headlines,
)
from dashboards.app.views import alerts

DEFINITIONS = """
- **Session**: events of a visitor with no gap longer than the session timeout. Robots are left
  out.
- **Session conversion** = sessions with a purchase / sessions.
- **Orders**, **net sales** and **AOV** come from the orders, not from tracking. Net sales = gross
  sales − discounts − returns, returns on the day of the refund. AOV = (gross sales − discounts) /
  orders.
- **New customers**: customers whose first order is of that day.
- **Abandoned value**: value of the carts that lay with items for longer than the window when they
  were left, recovered ones included. The newest days are not final.
- **Tracked net sales**: net sales of the purchases that tracking saw, so they can be split by
  channel.
- Small figures compare with the period of equal length before; pp are percentage points.
"""


def show(view: View) -> None:
    """Draw the page."""
    with section(view, "Sessions", "frame/traffic_daily"):
        show_headlines(_traffic(view))
    with section(view, "Sales", "overview/sales_daily"):
        show_headlines(_sales(view))
    with section(view, "Abandoned carts", "frame/carts_daily"):
        show_headlines(_carts(view))
    alerts.show(view)
    left, right = st.columns(2, gap="medium")
    with left:
        _net_sales_chart(view)
    with right:
        _sessions_chart(view)
    left, right = st.columns(2, gap="medium")
    with left:
        _conversion_chart(view)
    with right:
        _channels_chart(view)


def conversion(sums: Any) -> Any:
    return ratio(sums["purchase_sessions"], sums["sessions"])


def _traffic(view: View) -> list[Headline]:
    frames = view.daily("frame/traffic_daily")
    return [
        headline(frames, "Sessions", formats.count, lambda sums: sums["sessions"]),
        headline(
            frames,
            "Session conversion",
            formats.fine_share,
            conversion,
            is_share=True,
            help="Sessions with a purchase / sessions",
        ),
        headline(
            frames,
            "Bounce rate",
            formats.share,
            lambda sums: ratio(sums["bounces"], sums["sessions"]),
            is_share=True,
            good="down",
            help="Sessions that were not engaged / sessions",
        ),
        headline(
            frames,
            "Tracked net sales",
            view.money,
            lambda sums: sums["net_revenue"],
            help="Of the purchases that tracking saw",
        ),
    ]


def _sales(view: View) -> list[Headline]:
    frames = view.daily("overview/sales_daily")
    return [
        headline(frames, "Net sales", view.money, lambda sums: sums["net_sales"]),
        headline(frames, "Orders", formats.count, lambda sums: sums["orders"]),
        headline(
            frames,
            "AOV",
            view.money,
            lambda sums: ratio(sums["gross_sales"] - sums["discounts"], sums["convertible_orders"]),
            help="Average order value: (gross sales − discounts) / orders with an exchange rate",
        ),
        headline(frames, "New customers", formats.count, lambda sums: sums["new_customers"]),
    ]


def _carts(view: View) -> list[Headline]:
    frames = view.daily("frame/carts_daily")
    return [
        headline(
            frames,
            "Abandoned value",
            view.money,
            lambda sums: sums["abandoned_value"],
            good="down",
            is_final=carts_are_final,
            help="Value of abandoned carts when they were left; the newest days are not final",
        ),
        headline(
            frames,
            "Cart abandonment rate",
            formats.share,
            lambda sums: ratio(sums["abandoned_carts"], sums["carts"] - sums["open_carts"]),
            is_share=True,
            good="down",
            is_final=carts_are_final,
            help="Abandoned / (all carts − open); the newest days are not final",
        ),
        headline(
            frames,
            "Recovery rate",
            formats.share,
            lambda sums: ratio(sums["recovered_carts"], sums["abandoned_carts"]),
            is_share=True,
            help="Recovered / abandoned; recoveries come for weeks",
        ),
        headline(frames, "Recovered value", view.money, lambda sums: sums["recovered_value"]),
    ]


def _net_sales_chart(view: View) -> None:
    with section(view, "Net sales per day", "overview/sales_daily"):
        current, before = view.daily("overview/sales_daily")
        unit = charts.paid("Net sales", view.currency)
        show_chart(charts.over_time(current, before, "net_sales", unit), "Net sales per day")


def _sessions_chart(view: View) -> None:
    with section(view, "Sessions per day", "frame/traffic_daily"):
        current, before = view.daily("frame/traffic_daily")
        chart = charts.over_time(current, before, "sessions", charts.counted("Sessions"))
        show_chart(chart, "Sessions per day")


def _conversion_chart(view: View) -> None:
    with section(view, "Session conversion per day", "frame/traffic_daily"):
        current, before = view.daily("frame/traffic_daily")
        unit = charts.shared("Sessions with a purchase")
        show_chart(
            charts.over_time(
                current.assign(conversion=conversion(current)),
                None if before is None else before.assign(conversion=conversion(before)),
                "conversion",
                unit,
            ),
            "Share of sessions with a purchase, per day",
        )


def _channels_chart(view: View) -> None:
    with section(view, "Tracked net sales by channel", "traffic/by_channels"):
        frame = view.rows("traffic/by_channels")
        frame = frame.sort_values("net_revenue", ascending=False, kind="stable").head(12)
        if frame["net_revenue"].max() <= 0:
            raise NoDataError("No tracked sales in this period, or with these filters.")
        unit = charts.paid("Tracked net sales", view.currency)
        shown = frame.rename(columns={"net_revenue": "value"})
        chart = charts.bars(shown.assign(written=shown["value"].map(view.money)), unit)
        show_chart(chart, "Tracked net sales by channel, the highest first")
