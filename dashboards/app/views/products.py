"""What sells, what to reorder, and at what price?"""

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
- **View-to-cart** = carts / views; **cart-to-purchase** = purchases / carts. Postage, fees and
  gift cards are no products.
- **Margin** = net sales − cost of the units that were kept, as a share of net sales.
- **ABC**: A brings the first 80 % of net sales, B up to 95 %, C the rest. **XYZ**: variation of
  weekly units below 0.5 (X, steady), up to 1 (Y), above (Z, erratic).
- **Days of cover** = on hand / demand of a day. **Reorder point** = demand over the lead time +
  safety stock. **Lost sales**: what stock-out days were expected to sell beyond what they sold:
  an estimate.
- **Forecast**: demand as if nothing ran out. On at most one day in ten it stays below **p10**,
  and on at most one it exceeds **p90**. **RMSSE** below 1 beats repeating the last day.
- **Confidence**: orders with both / orders with the first. **Lift**: confidence / share of orders
  with the second: above 1, more often together than by chance.
- **Elasticity**: percent by which units change when the price rises by one percent. Descriptive,
  not causal; withheld where the data cannot tell.
"""
_VERDICTS = ("below 0 for sure", "may be 0")


def show(view: View) -> None:
    """Draw the page."""
    with section(view, "Sales of products", "products/daily"):
        show_headlines(_of_period(view))
    with section(view, "Stock", "products/stock"):
        show_headlines(_of_stock(view))
    note = "Counts of the chosen dates; classes, margin, rating of product_performance_days days"
    with section(view, "Products", "products/performance", note=note):
        _performance(view)
    left, right = st.columns(2, gap="medium")
    with left:
        _classes(view)
    with right:
        _lost_sales(view)
    _restock(view)
    _forecast(view)
    _affinity(view)
    _elasticity(view)


def _of_period(view: View) -> list[Headline]:
    frames = view.daily("products/daily")
    return [
        headline(frames, "Units sold", formats.count, lambda sums: sums["units"]),
        headline(frames, "Net sales of products", view.money, lambda sums: sums["net_sales"]),
        headline(
            frames,
            "View-to-cart",
            formats.share,
            lambda sums: ratio(sums["add_to_carts"], sums["views"]),
            is_share=True,
        ),
        headline(
            frames,
            "Returned units",
            formats.share,
            lambda sums: ratio(sums["returned_units"], sums["units"]),
            is_share=True,
            good="down",
            help="Units that came back / units sold in the period",
        ),
    ]


def _of_stock(view: View) -> list[Headline]:
    row = view.rows("products/stock").iloc[0]
    st.caption(f"Stock of {formats.day(row['stock_date'])}")
    return [
        Headline("Variants to reorder", row["to_order"], formats.count),
        Headline("Units to order", row["units_to_order"], formats.count),
        Headline(
            "Lost sales (units)",
            row["lost_sales"],
            formats.decimal(1),
            help="Estimated, over the demand window up to the newest day",
        ),
        Headline("Overstock", row["overstock_value"], view.money, help="At cost"),
    ]


def _performance(view: View) -> None:
    columns = {
        "title": Column("Product", width="medium"),
        "category": Column("Category"),
        "abc_class": Column("ABC"),
        "xyz_class": Column("XYZ"),
        "net_sales": Column("Net sales", view.money),
        "units": Column("Units", formats.count),
        "views": Column("Views", formats.count),
        "view_to_cart_rate": Column("View-to-cart", formats.share),
        "cart_to_purchase_rate": Column("Cart-to-purchase", formats.share),
        "unit_return_rate": Column("Returned", formats.share),
        "margin_share": Column("Margin", formats.share),
        "bayesian_rating": Column("Rating", formats.decimal(2), "Bayesian, of 5"),
        "variant_id": Column("Variant"),
    }
    show_table(view, view.rows("products/performance"), columns, "performance")


def _classes(view: View) -> None:
    with section(view, "Variants by ABC and XYZ class", "products/classes"):
        frame = view.rows("products/classes")
        frame = frame.assign(
            written=frame["variants"].map(formats.count)
            + " · "
            + frame["revenue_share"].map(formats.share),
        )
        st.caption("Number of variants · their share of net sales")
        names = {"A": "A: first 80 %", "B": "B: to 95 %", "C": "C: the rest"}
        steady = {"X": "X: steady", "Y": "Y: varying", "Z": "Z: erratic", "?": "not known"}
        frame = frame.assign(
            row=frame["abc_class"].map(names),
            column=frame["xyz_class"].map(steady),
            value=frame["revenue_share"],
        )
        chart = charts.heat_map(
            frame,
            charts.Unit("Variants · share of net sales"),
            (None, None),
            rows=list(names.values()),
            columns=list(steady.values()),
        )
        show_chart(chart, "Variants and their share of net sales, by ABC and XYZ class")


def _lost_sales(view: View) -> None:
    with section(view, "Sales lost to stock-outs", "products/lost_sales", note="Estimated units"):
        frame = view.rows("products/lost_sales")
        written = [formats.decimal(1)(units) for units in frame["lost_sales"]]
        frame = frame.assign(
            name=distinct(list(frame["title"])), value=frame["lost_sales"], written=written
        )
        unit = charts.Unit("Units lost", full=",.1f")
        chart = charts.bars(frame, unit, charts.VERMILLION)
        show_chart(chart, "Units that stock-outs are estimated to have cost, by product")


def _restock(view: View) -> None:
    note = "What runs out first stands first"
    with section(view, "What to reorder now", "products/restock", note=note):
        columns = {
            "title": Column("Product", width="medium"),
            "location_id": Column("Location"),
            "abc_class": Column("ABC"),
            "suggested_order_quantity": Column("Order", formats.count, "Units to order now"),
            "on_hand": Column("On hand", formats.count),
            "incoming": Column("Incoming", formats.count),
            "daily_demand": Column("Demand / day", formats.decimal(2)),
            "days_of_cover": Column("Days of cover", formats.decimal(1)),
            "lead_time_days": Column("Lead time", formats.decimal(0), "Days"),
            "reorder_point": Column("Reorder point", formats.decimal(1)),
            "stockout_days": Column("Days out", formats.count, "Stock-out days of the window"),
            "variant_id": Column("Variant"),
        }
        show_table(view, view.rows("products/restock"), columns, "restock")


def _forecast(view: View) -> None:
    with section(view, "Demand forecast", "products/forecast_choices", "products/forecast"):
        choices = view.rows("products/forecast_choices")
        titles = dict(zip(choices["variant_id"], choices["title"], strict=True))
        variant = st.selectbox(
            "Product",
            list(titles),
            format_func=lambda variant: f"{titles.get(variant, variant)} ({variant})",
            key="forecast_variant",
            help="Those with the highest forecast first",
        )
        forecast = view.rows("products/forecast", variant_id=variant)
        try:
            history = view.rows("products/forecast_history", variant_id=variant)
        except NoDataError:  # nothing sold in these weeks
            history = forecast.head(0).assign(units=[])
        row = forecast.iloc[0]
        st.caption(
            formats.escaped(
                f"{formats.decimal(1)(forecast['forecast'].sum())} units expected in"
                f" {len(forecast)} days · method {formats.words(row['method'])} · RMSSE"
                f" {formats.decimal(2)(row['rmsse'])}, repeating the last week"
                f" {formats.decimal(2)(row['seasonal_naive_rmsse'])} · shaded: p10 to p90"
            )
        )
        show_chart(
            charts.forecast_band(history, forecast), "Units sold and forecast with p10 to p90"
        )
        columns = {
            "day": Column("Day", formats.day),
            "forecast": Column("Forecast", formats.decimal(2)),
            "p10": Column("p10", formats.decimal(2)),
            "p90": Column("p90", formats.decimal(2)),
        }
        show_table(view, forecast, columns, "forecast")


def _affinity(view: View) -> None:
    with section(view, "Bought together", "products/affinity"):
        columns = {
            "product": Column("Who buys"),
            "bought_with": Column("also buys"),
            "orders_together": Column("Orders", formats.count),
            "confidence": Column("Confidence", formats.share),
            "lift": Column("Lift", formats.decimal(2)),
            "support": Column("Support", formats.fine_share),
        }
        show_table(view, view.rows("products/affinity"), columns, "affinity")


def _elasticity(view: View) -> None:
    with section(view, "Price elasticity", "products/elasticity", note=_withheld(view)):
        frame = view.rows("products/elasticity")
        shown = frame.head(12)
        shown = shown.assign(
            name=distinct(list(shown["title"])),
            value=shown["elasticity"],
            verdict=[_VERDICTS[0 if high < 0 else 1] for high in shown["ci_high"]],
        )
        unit = charts.Unit("Elasticity, 95 % interval", full=",.2f")
        chart = charts.intervals(shown, unit, _VERDICTS)
        columns = {
            "title": Column("Product"),
            "elasticity": Column("Elasticity", formats.decimal(2)),
            "standard_error": Column("Std. error", formats.decimal(2)),
            "price_changes": Column("Price changes", formats.count),
            "current_price": Column("Price", view.money),
            "optimal_price": Column("Optimal price", view.money),
            "optimal_price_withheld_reason": Column("Why no optimal price"),
        }
        show_chart(chart, "Price elasticity of the products with the smallest errors")
        show_table(view, frame, columns, "elasticity")


def _withheld(view: View) -> str:
    try:
        withheld = int(view.rows("products/elasticity_withheld")["products"].sum())
    except NoDataError:
        return ""
    return f"Withheld for {formats.count(withheld)} products whose data cannot tell"
