"""What does advertising bring, and which channel deserves the credit?"""

from __future__ import annotations

import streamlit as st

from dashboards.app import charts, formats
from dashboards.app.marts import NoDataError
from dashboards.app.view import (
    Column,
    Headline,
    View,
    distinct,
    headline,
    ratio,
    section,
    show_chart,
    show_headlines,
    show_table,
)

DEFINITIONS = """
- **ROAS** = attributed net revenue / spend. **ROI** = (attributed margin − spend) / spend.
  **CAC** = spend / new customers. Credit of campaigns goes by the model of the var
  `report_attribution_model` (last non-direct by default).
- **Headline ROAS and CAC** are of campaigns with spend in the period: revenue that cost nothing
  is no return on spend.
- **Attribution models**: first; last; last non-direct; linear; position 40/20/40; time decay with
  a half-life of 7 days; Markov (removal effects); Shapley. Credits of a conversion add up to 1
  under each: compare models, never add them up.
- **Journey**: the touches in the days (30 by default) up to a conversion. Which path converts is
  not which path causes.
- Spend and clicks are of the day of the click, revenue of the day of the purchase.
"""
_MODELS = {
    "first": "First",
    "last": "Last",
    "last_non_direct": "Last non-direct",
    "linear": "Linear",
    "position": "Position",
    "time_decay": "Time decay",
    "markov": "Markov",
    "shapley": "Shapley",
}


def show(view: View) -> None:
    """Draw the page."""
    with section(view, "Paid campaigns", "marketing/paid_daily"):
        show_headlines(_headlines(view))
        _say_what_is_missing(view)
    left, right = st.columns(2, gap="medium")
    with left, section(view, "Spend per day", "marketing/paid_daily"):
        current, before = view.daily("marketing/paid_daily")
        unit = charts.paid("Spend", view.currency)
        show_chart(charts.over_time(current, before, "spend", unit), "Ad spend per day")
    with right:
        _roas(view)
    note = "Campaigns with and without spend"
    with section(view, "Campaigns", "marketing/campaigns", note=note):
        _campaigns(view)
    _models(view)
    _paths(view)
    _journey_lengths(view)


def _headlines(view: View) -> list[Headline]:
    frames = view.daily("marketing/paid_daily")
    return [
        headline(frames, "Ad spend", view.money, lambda sums: sums["spend"], good=None),
        headline(
            frames,
            "Attributed revenue",
            view.money,
            lambda sums: sums["attributed_revenue"],
            help="Of campaigns with spend in the period",
        ),
        headline(
            frames,
            "ROAS",
            formats.decimal(2),
            lambda sums: ratio(sums["attributed_revenue"], sums["spend"]),
            help="Attributed net revenue / spend",
        ),
        headline(
            frames,
            "CAC",
            view.money,
            lambda sums: ratio(sums["spend"], sums["attributed_new_customers"]),
            good="down",
            help="Spend / attributed new customers",
        ),
    ]


def _say_what_is_missing(view: View) -> None:
    rows = int(view.rows("marketing/paid_daily")["unconverted_spend_rows"].sum())
    if rows:
        st.warning(
            f"{formats.count(rows)} rows of spend have no exchange rate and are not in these"
            " figures: land shop\\.fx\\_rates for their days.",
            icon=":material/warning:",
        )


def _roas(view: View) -> None:
    with section(view, "ROAS by campaign", "marketing/campaigns", note="At 1 the spend came back"):
        frame = view.rows("marketing/campaigns")
        frame = frame[frame["spend"] > 0].head(10)
        if frame.empty:
            raise NoDataError("No spend in this period, or with these filters.")
        frame = frame.assign(roas=frame["roas"].fillna(0)).sort_values("roas", ascending=False)
        shown = frame.rename(columns={"campaign": "name", "roas": "value"})
        shown = shown.assign(
            name=distinct(list(shown["name"])), written=shown["value"].map(formats.decimal(2))
        )
        unit = charts.Unit("ROAS", full=",.2f")
        chart = charts.bars(shown, unit)
        show_chart(chart, "Return on ad spend of the campaigns with the highest spend")


def _campaigns(view: View) -> None:
    columns = {
        "campaign": Column("Campaign", width="medium"),
        "channel": Column("Channel"),
        "source": Column("Source"),
        "medium": Column("Medium"),
        "spend": Column("Spend", view.money),
        "clicks": Column("Clicks", formats.count),
        "sessions": Column("Sessions", formats.count),
        "attributed_orders": Column("Orders", formats.decimal(1), "Attributed"),
        "attributed_revenue": Column("Revenue", view.money, "Attributed"),
        "roas": Column("ROAS", formats.decimal(2)),
        "roi": Column("ROI", formats.share),
        "cac": Column("CAC", view.money),
    }
    show_table(view, view.rows("marketing/campaigns"), columns, "campaigns")


def _models(view: View) -> None:
    title = "Attributed revenue under the eight models"
    with section(view, title, "marketing/models", note="Shade: share of the model's revenue"):
        frame = view.rows("marketing/models")
        frame = frame.assign(
            model=frame["attribution_model"].map(_MODELS),
            written=frame["revenue_share"].map(formats.share),
        )
        order = frame.groupby("channel")["attributed_revenue"].mean().sort_values(ascending=False)
        shown = frame.rename(
            columns={"channel": "row", "model": "column", "revenue_share": "value"}
        )
        channels = [channel for channel, mean in order.items() if mean > 0]
        show_chart(
            charts.heat_map(
                shown[shown["row"].isin(channels)],
                charts.shared("Share of revenue"),
                (None, None),
                rows=channels,
                columns=list(_MODELS.values()),
            ),
            "Share of attributed revenue by channel and attribution model",
        )
        wide = frame.pivot(index="channel", columns="model", values="attributed_revenue")
        wide = wide.reindex(index=list(order.index), columns=list(_MODELS.values()))
        columns = {"channel": Column("Channel")}
        columns |= {model: Column(model, view.money) for model in _MODELS.values()}
        show_table(view, wide.reset_index(), columns, "models")


def _paths(view: View) -> None:
    with section(view, "Paths that end in an order", "marketing/paths"):
        columns = {
            "path": Column("Path of channels", width="medium"),
            "conversions": Column("Orders", formats.count),
            "journeys": Column("Journeys", formats.count),
            "journey_conversion_rate": Column("Converted", formats.share),
            "revenue": Column("Revenue", view.money),
            "mean_days": Column("Mean days", formats.decimal(1)),
        }
        show_table(view, view.rows("marketing/paths"), columns, "paths")


def _journey_lengths(view: View) -> None:
    note = "By month of the order and channel of the first touch"
    with section(view, "How long people take", "marketing/journey_lengths", note=note):
        columns = {
            "conversion_month": Column("Month", formats.month),
            "first_channel": Column("First channel"),
            "conversions": Column("Orders", formats.count),
            "median_days": Column("Median days", formats.decimal(1)),
            "p90_days": Column("p90 days", formats.decimal(1)),
            "median_touches": Column("Median touches", formats.decimal(0)),
            "p90_touches": Column("p90 touches", formats.decimal(0)),
        }
        show_table(view, view.rows("marketing/journey_lengths"), columns, "journey_lengths")
