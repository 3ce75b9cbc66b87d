"""Who buys again, what are they worth, and who is leaving?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards.app import charts, formats
from dashboards.app.marts import NoDataError
from dashboards.app.view import (
    Column,
    Headline,
    View,
    ratio,
    section,
    show_chart,
    show_headlines,
    show_table,
)

DEFINITIONS = """
- **Returning customer rate** = customers with an order before / customers who ordered in the
  period. **Repeat rate (lifetime)** = customers with two orders or more / customers with an
  order.
- **Cohort retention**: customers whose first order was in a month and who ordered so many months
  later / cohort size. Months that are not over yet have a star; months not yet seen are blank,
  not 0.
- **RFM segments**: quintiles of recency and frequency by rank, named by `seeds/rfm_segments.csv`.
- **12-month value**: expected purchases (BG/NBD), discounted by month, × expected value
  (Gamma-Gamma). It tells what all of them together will bring; of one customer alone it tells
  little.
- **Churn probability**: that of no purchase within 365 days. **Value at risk** and the
  **suggested action** are per customer, by fixed rules. How right the predictions were stands
  beside them.
- Guests are no customers: their orders are not here.
"""
_COHORTS = 18


def show(view: View) -> None:
    """Draw the page."""
    with section(view, "Customers who ordered", "customers/period"):
        show_headlines(_of_period(view))
    with section(view, "All customers", "customers/lifetime", "customers/value"):
        show_headlines(_of_all(view))
    _cohorts(view)
    _segments(view)
    left, right = st.columns(2, gap="medium")
    with left:
        _actions(view)
    with right:
        _calibration(view)
    _worth_a_contact(view)


def _of_period(view: View) -> list[Headline]:
    now = view.rows("customers/period").iloc[0]
    frame = view.rows_before("customers/period")
    then = None if frame is None else frame.iloc[0]

    def figure(
        label: str, write: formats.Format, part: str, whole: str = "", told: str | None = None
    ) -> Headline:
        def measure(row: pd.Series) -> float | None:
            found = ratio(row[part], row[whole]) if whole else row[part]
            return None if formats.is_unknown(found) else float(found)

        return Headline(
            label,
            measure(now),
            write,
            before=None if then is None else measure(then),
            is_share=write is formats.share,
            help=told,
        )

    return [
        figure("Customers", formats.count, "customers"),
        figure(
            "Returning customer rate",
            formats.share,
            "returning_customers",
            "customers",
            told="Customers who had ordered before / customers who ordered",
        ),
        figure("Orders per customer", formats.decimal(2), "orders", "customers"),
        figure("Net sales per customer", view.money, "net_sales", "customers"),
    ]


def _of_all(view: View) -> list[Headline]:
    row = view.rows("customers/lifetime").iloc[0]
    figures = [
        Headline("Customers with an order", row["buyers"], formats.count),
        Headline(
            "Repeat rate (lifetime)", ratio(row["repeat_buyers"], row["buyers"]), formats.share
        ),
    ]
    try:
        value = view.rows("customers/value").iloc[0]
    except NoDataError:
        return figures
    is_predicted = value["valued_customers"] > 0
    reason = None if is_predicted else formats.text(value["missing_reason"])
    each = ratio(value["clv_12m"], value["valued_customers"])
    return [
        *figures,
        Headline("Expected 12-month value", value["clv_12m"], view.money, help=reason),
        Headline("The same per customer", each, view.money, help=reason),
    ]


def _cohorts(view: View) -> None:
    with section(
        view,
        "Retention of monthly cohorts",
        "customers/cohorts",
        note="With a star: month not over yet",
    ):
        frame = view.rows("customers/cohorts")
        frame = frame.assign(
            cohort=frame["cohort_month"].map(formats.month)
            + " ("
            + frame["cohort_size"].map(formats.count)
            + ")",
            column=frame["month_number"].astype(str),
            written=frame["retention"].map(formats.share)
            + frame["is_month_over"].map({True: "", False: " *"}),
        )
        newest = list(dict.fromkeys(frame["cohort"]))[:_COHORTS]
        shown = frame[frame["cohort"].isin(newest) & (frame["month_number"] > 0)]
        months = [str(number) for number in sorted(set(shown["month_number"]))]
        if months:
            show_chart(
                charts.heat_map(
                    shown.rename(columns={"cohort": "row", "retention": "value"}),
                    charts.shared("Retention"),
                    ("Cohort (customers)", "Months since the first order"),
                    rows=newest,
                    columns=months,
                ),
                "Share of each monthly cohort that ordered again, by months since the first order",
            )
        columns = {
            "cohort_month": Column("Cohort", formats.month),
            "month_number": Column("Month", formats.count, "Months since the first order"),
            "cohort_size": Column("Cohort size", formats.count),
            "customers": Column("Ordered", formats.count),
            "retention": Column("Retention", formats.share),
            "net_sales": Column("Net sales", view.money),
            "is_month_over": Column("Month is over", lambda value: "yes" if value else "no"),
        }
        show_table(view, frame, columns, "cohorts")


def _segments(view: View) -> None:
    with section(view, "RFM segments", "customers/segments"):
        frame = view.rows("customers/segments")
        unit = charts.counted("Customers")
        by_size = frame.sort_values("customers", ascending=False)
        written = [
            f"{formats.count(row.customers)} ({formats.share(row.share)})"
            for row in by_size.itertuples()
        ]
        shown = by_size.rename(columns={"segment": "name", "customers": "value"})
        chart = charts.bars(shown.assign(written=written), unit)
        columns = {
            "segment": Column("Segment"),
            "customers": Column("Customers", formats.count),
            "net_sales": Column("Net sales", view.money),
            "net_sales_per_customer": Column("Per customer", view.money),
            "mean_recency_days": Column("Days since order", formats.count),
        }
        left, right = st.columns(2, gap="medium")
        with left:
            show_chart(chart, "Customers by RFM segment")
        with right:
            show_table(view, frame, columns, "segments")


def _calibration(view: View) -> None:
    with section(view, "How right was the churn prediction?", "customers/churn_calibration"):
        frame = view.rows("customers/churn_calibration")
        row = frame.iloc[0]
        st.caption(
            f"What the model said on {formats.day(row['cutoff_date'])} of the next"
            f" {row['horizon_days']} days against what happened. On the line it was right; a larger"
            " dot is more customers."
        )
        titles = ("Predicted: no purchase", "Happened: no purchase")
        show_chart(charts.calibration(frame, titles), "Predicted against observed churn")


def _actions(view: View) -> None:
    with section(view, "What to do about churn", "customers/actions"):
        columns = {
            "suggested_action": Column("Suggested action"),
            "customers": Column("Customers", formats.count),
            "churned_customers": Column("Churned", formats.count),
            "mean_churn_probability": Column("Churn probability", formats.share, "Mean"),
            "value_at_risk": Column("Value at risk", view.money),
        }
        show_table(view, view.rows("customers/actions"), columns, "actions")


def _worth_a_contact(view: View) -> None:
    note = "Up to 200, the highest value at risk first; ids are pseudonyms"
    with section(view, "Customers worth a contact", "customers/worth_a_contact", note=note):
        columns = {
            "customer_id": Column("Customer"),
            "suggested_action": Column("Suggested action"),
            "segment": Column("Segment"),
            "country": Column("Country"),
            "order_count": Column("Orders", formats.count),
            "net_sales": Column("Net sales", view.money),
            "last_order_at": Column("Last order", formats.day),
            "churn_probability": Column("Churn probability", formats.share),
            "clv_12m": Column("12-month value", view.money),
            "value_at_risk": Column("Value at risk", view.money),
        }
        show_table(view, view.rows("customers/worth_a_contact"), columns, "worth_a_contact")
