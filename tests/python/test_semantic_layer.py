"""MetricFlow's answers are those of SQL that was written by hand over the same marts."""

from __future__ import annotations

import math
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from examples import uci_online_retail
from shoptrack.contract import PROJECT_ROOT
from shoptrack.landing import land_file
from shoptrack.metric_catalogue import CATALOGUE, subjects, with_catalogue
from shoptrack.public_marts import public_marts
from tests.python.conftest import NewWarehouse
from tests.python.semantic_layer import (
    SemanticLayer,
    project_to_query,
    warehouse_of_copy,
    write_warehouse,
)
from tests.python.test_published_figures import reference
from tests.python.warehouse import Project

# Words of docs/definitions.md, and the metric that is the number.
HEADLINES = {
    "session": "sessions",
    "visitor": "visitors",
    "engaged session": "engaged_sessions",
    "bounce": "bounces",
    "single-page session": "single_page_sessions",
    "Session conversion rate": "session_conversion_rate",
    "Purchasers / visitors": "purchasers_per_visitor",
    "orders / sessions": "orders_per_session",
    "Open": "open_funnel_sessions",
    "Closed": "funnel_sessions",
    "Lost value": "funnel_lost_value",
    "gross sales": "gross_sales",
    "discounts": "discounts",
    "returns": "returns",
    "net sales": "net_sales",
    "total sales": "total_sales",
    "AOV": "aov",
    "new customers": "new_customers",
    "returning customer rate": "returning_customer_rate",
    "repeat purchase rate": "repeat_purchase_rate",
    "Cohort retention": "cohort_retention_rate",
    "12-month value": "clv_12m",
    "Historic value": "historic_clv",
    "Churned": "churned_customer_share",
    "View-to-cart": "view_to_cart_rate",
    "cart-to-purchase": "cart_to_purchase_rate",
    "Margin": "margin",
    "cart abandonment rate": "cart_abandonment_rate",
    "Checkout abandonment rate": "checkout_abandonment_rate",
    "recovered": "cart_recovery_rate",
    "days of cover": "days_of_cover",
    "lost sales": "lost_sales_units",
    "Forecast": "forecast_units",
    "ROAS": "roas",
    "ROI": "roi",
    "CAC": "cac",
    "Late event": "late_event_share",
    "Duplicate": "duplicate_event_share",
    "robot": "bot_session_share",
    "Rejected": "rejected_event_share",
    "total_difference": "total_difference",
}

MF = Path(sys.executable).parent / "mf"
MONTH = "metric_time__month"
SQL_WORDS = {"and", "case", "else", "end", "in", "is", "not", "null", "or", "then", "when"}


@dataclass(frozen=True)
class Rows:
    """Rows of a mart (`source`: what follows `from`), their day, and columns to group by.

    Columns are named by what MetricFlow calls them. Without a day there is no metric by day and
    month; without a total, none over everything.
    """

    source: str
    day: str | None
    columns: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, str] = field(default_factory=dict)
    has_total: bool = True


def share(numerator: str, denominator: str) -> str:
    return f"cast({numerator} as double) / nullif({denominator}, 0)"


def count_if(condition: str) -> str:
    return f"count(*) filter (where {condition})"


def sum_if(value: str, condition: str) -> str:
    """A sum that is 0 where no row fulfils the condition, and null where there are no rows."""
    return f"sum({value} * cast(coalesce({condition}, false) as integer))"


CLOSED = {
    name: f"sum(sessions_closed * cast(step = '{step}' as integer))"
    for name, step in {
        "view_item_sessions": "view_item",
        "add_to_cart_sessions": "add_to_cart",
        "begin_checkout_sessions": "begin_checkout",
        "add_shipping_info_sessions": "add_shipping_info",
        "add_payment_info_sessions": "add_payment_info",
        "purchase_step_sessions": "purchase",
    }.items()
}

KINDS = "sum(amount_reporting * cast(posting_kind in ({}) as integer))"

SESSIONS = Rows(
    "(select sessions.*, first_channel from fct_sessions as sessions"
    " left join dim_visitors using (visitor_id) where not sessions.is_bot)",
    "session_date",
    {
        "session__channel": "channel",
        "session__device_category": "device_category",
        "session__country": "country",
        "session__campaign": "campaign",
        "visitor__first_channel": "first_channel",
    },
    {
        "sessions": "count(*)",
        "visitors": "count(distinct visitor_id)",
        "new_visitors": count_if("is_first_session"),
        "new_visitor_share": share(count_if("is_first_session"), "count(distinct visitor_id)"),
        "sessions_per_visitor": share("count(*)", "count(distinct visitor_id)"),
        "engaged_sessions": count_if("is_engaged"),
        "engagement_rate": share(count_if("is_engaged"), "count(*)"),
        "bounces": count_if("not is_engaged"),
        "bounce_rate": f"1 - {share(count_if('is_engaged'), 'count(*)')}",
        "single_page_sessions": count_if("page_view_count = 1"),
        "single_page_session_rate": share(count_if("page_view_count = 1"), "count(*)"),
        "page_views": "sum(page_view_count)",
        "page_views_per_session": "avg(page_view_count)",
        "session_seconds": "sum(epoch(session_end_at) - epoch(session_start_at))",
        "average_session_duration": "avg(epoch(session_end_at) - epoch(session_start_at))",
        "purchase_sessions": count_if("has_purchase"),
        "session_conversion_rate": share(count_if("has_purchase"), "count(*)"),
        "purchasers": "count(distinct visitor_id) filter (where has_purchase)",
        "purchasers_per_visitor": share(
            "count(distinct visitor_id) filter (where has_purchase)", "count(distinct visitor_id)"
        ),
        "tracked_orders": "sum(order_count)",
        "orders_per_session": "avg(order_count)",
        "tracked_net_revenue": "sum(net_revenue)",
        "net_revenue_per_session": share("sum(net_revenue)", "count(*)"),
    },
)

FUNNEL = Rows(
    "rpt_funnel_daily",
    "report_date",
    {
        "funnel_day__channel": "channel",
        "funnel_day__device_category": "device_category",
        "traffic_channel": "channel",
    },
    {
        "funnel_sessions": "sum(sessions_closed)",
        "open_funnel_sessions": "sum(sessions_open)",
        "funnel_lost_value": "sum(lost_value)",
        **CLOSED,
        "add_to_cart_step_rate": share(
            CLOSED["add_to_cart_sessions"], CLOSED["view_item_sessions"]
        ),
        "begin_checkout_step_rate": share(
            CLOSED["begin_checkout_sessions"], CLOSED["add_to_cart_sessions"]
        ),
        "add_shipping_info_step_rate": share(
            CLOSED["add_shipping_info_sessions"], CLOSED["begin_checkout_sessions"]
        ),
        "add_payment_info_step_rate": share(
            CLOSED["add_payment_info_sessions"], CLOSED["add_shipping_info_sessions"]
        ),
        "purchase_step_rate": share(
            CLOSED["purchase_step_sessions"], CLOSED["add_payment_info_sessions"]
        ),
        "funnel_completion_rate": share(
            CLOSED["purchase_step_sessions"], CLOSED["view_item_sessions"]
        ),
    },
)

CARTS = Rows(
    "fct_carts",
    "started_date",
    {
        "cart__channel": "channel",
        "cart__country": "country",
        "cart__abandonment_reason": "abandonment_reason",
    },
    {
        "carts": "count(*)",
        "settled_carts": count_if("cart_state in ('purchased', 'abandoned', 'emptied')"),
        "abandoned_carts": count_if("cart_state = 'abandoned'"),
        "cart_abandonment_rate": share(
            count_if("cart_state = 'abandoned'"),
            count_if("cart_state in ('purchased', 'abandoned', 'emptied')"),
        ),
        "recovered_carts": count_if("recovered_at is not null"),
        "cart_recovery_rate": share(
            count_if("recovered_at is not null"), count_if("cart_state = 'abandoned'")
        ),
        "checkouts": count_if("has_checkout and cart_state <> 'open'"),
        "abandoned_checkouts": count_if("has_checkout and cart_state = 'abandoned'"),
        "checkout_abandonment_rate": share(
            count_if("has_checkout and cart_state = 'abandoned'"),
            count_if("has_checkout and cart_state <> 'open'"),
        ),
        "abandoned_cart_value": "coalesce(sum(cart_value) filter (where left_at is not null), 0)",
        "recovered_cart_value": "coalesce(sum(cart_value) filter (where is_recovered), 0)",
    },
)

POSTINGS = Rows(
    "(select postings.*, orders.country, orders.coupon, segment"
    " from fct_sales_ledger as postings left join fct_orders as orders using (order_id)"
    " left join dim_customers as customers on postings.customer_id = customers.customer_id)",
    "posting_date",
    {
        "posting__currency": "currency",
        "order__country": "country",
        "customer__segment": "segment",
    },
    {
        "gross_sales": KINDS.format("'gross_sales'"),
        "discounts": "-" + KINDS.format("'discount'"),
        "discounted_sales": KINDS.format("'gross_sales', 'discount'"),
        "returns": "-" + KINDS.format("'return'"),
        "net_sales": KINDS.format("'gross_sales', 'discount', 'return'"),
        "tax": KINDS.format("'tax', 'tax_return'"),
        "shipping": KINDS.format("'shipping', 'shipping_return'"),
        "total_sales": "sum(amount_reporting)",
        "unconverted_postings": "count(*) - count(amount_reporting)",
    },
)

ORDERS = Rows(
    "(select orders.*, segment from fct_orders as orders"
    " left join dim_customers using (customer_id) where is_sale)",
    "order_date",
    {
        "order__currency": "currency",
        "order__country": "country",
        "order__coupon": "coupon",
        "customer__segment": "segment",
    },
    {
        "orders": "count(*)",
        "convertible_orders": "count(fx_rate)",
        "units_sold": "sum(units)",
        "units_per_order": "avg(units)",
        "ordering_customers": "count(distinct customer_id)",
        "new_customers": count_if("customer_order_number = 1"),
        "returning_customers": (
            "count(distinct customer_id) filter (where not is_first_order"
            " and customer_id is not null)"
        ),
        "returning_customer_rate": share(
            "count(distinct customer_id) filter (where customer_order_number > 1)",
            "count(distinct customer_id)",
        ),
    },
)

MONEY_AND_ORDERS = Rows(
    "(select moves.*, country, coupon from ("
    " select posting_date as day, order_id, amount_reporting as total, 0 as orders,"
    " case when posting_kind in ('gross_sales', 'discount') then amount_reporting else 0 end"
    " as gross from fct_sales_ledger"
    " union all by name"
    " select order_date as day, order_id, 0 as total, 0 as gross, 1 as orders"
    " from fct_orders where is_sale and fx_rate is not null"
    ") as moves left join fct_orders using (order_id))",
    "day",
    {"order__country": "country", "order__coupon": "coupon"},
    {
        "aov": share("sum(gross)", "sum(orders)"),
        "total_sales_per_order": share("sum(total)", "sum(orders)"),
    },
)

CUSTOMERS = Rows(
    "dim_customers",
    "cast(first_order_at as date)",
    {
        "customer__segment": "segment",
        "customer__acquisition_channel": "acquisition_channel",
        "customer__country": "country",
    },
    {
        "customers": "count(*)",
        "buyers": count_if("first_order_at is not null"),
        "repeat_buyers": count_if("order_count >= 2"),
        "repeat_purchase_rate": share(
            count_if("order_count >= 2"), count_if("first_order_at is not null")
        ),
        "lifetime_net_sales": "sum(net_sales)",
    },
)

CUSTOMER_VALUES = Rows(
    "(select valued.*, segment, country from fct_customer_value as valued"
    " left join dim_customers using (customer_id))",
    "as_of_date",
    {"customer__segment": "segment", "customer__country": "country"},
    {
        "valued_customers": "count(clv_12m)",
        "clv_12m": "sum(clv_12m)",
        "average_clv_12m": "avg(clv_12m)",
        "historic_clv": "sum(historic_clv)",
        "expected_purchases_12m": "sum(expected_purchases_12m)",
    },
)

CUSTOMER_CHURN = Rows(
    "(select judged.*, segment from fct_customer_churn as judged"
    " left join dim_customers using (customer_id))",
    "as_of_date",
    {"customer__segment": "segment", "customer__churn_rule": "churn_rule"},
    {
        "judged_customers": "count(is_churned)",
        "churned_customers": count_if("is_churned"),
        "churned_customer_share": "avg(cast(is_churned as integer))",
        "value_at_risk": "sum(value_at_risk)",
    },
)

COHORTS = Rows(
    "rpt_cohort_retention",
    None,
    {"cohort__month_number": "month_number", "metric_time__month": "cohort_month"},
    {
        "retained_customers": "sum(customers) filter (where is_observed)",
        "observed_cohort_size": "sum(cohort_size) filter (where is_observed)",
        "cohort_retention_rate": share(
            "sum(customers)", "sum(cohort_size) filter (where is_observed)"
        ),
    },
)

PRODUCTS = Rows(
    "(select days.*, category, title from rpt_product_daily as days"
    " left join dim_products using (variant_id))",
    "report_date",
    {
        "variant__category": "category",
        "variant__title": "title",
        "product_day__product_id": "product_id",
    },
    {
        "product_views": "sum(views)",
        "product_add_to_carts": "sum(add_to_carts)",
        "product_purchases": "sum(purchases)",
        "view_to_cart_rate": share("sum(add_to_carts)", "sum(views)"),
        "cart_to_purchase_rate": share("sum(purchases)", "sum(add_to_carts)"),
        "product_units": "sum(units)",
        "returned_units": "sum(returned_units)",
        "unit_return_rate": share("sum(returned_units)", "sum(units)"),
        "product_net_sales": "sum(net_sales)",
        "product_returns": "sum(returns)",
        "product_sales_before_returns": "sum(net_sales) + sum(returns)",
        "value_return_rate": share("sum(returns)", "(sum(net_sales) + sum(returns))"),
        "net_sales_per_view": share("sum(net_sales)", "sum(views)"),
    },
)

ORDER_LINES = Rows(
    "(select lines.*, category, quantity - returned_units as kept, country"
    " from (select lines.*, orders.country from fct_order_lines as lines"
    " inner join fct_orders as orders using (order_id)) as lines"
    " left join dim_products using (variant_id) where is_product and is_sale)",
    "order_date",
    {"variant__category": "category", "order__country": "country"},
    {
        "margin": "sum(net_sales * fx_rate) filter (where unit_cost is not null)"
        " - sum(unit_cost * kept * fx_rate)",
        "costed_net_sales": sum_if("net_sales * fx_rate", "unit_cost is not null"),
        "line_net_sales": "sum(net_sales * fx_rate)",
        "margin_rate": share(
            "(sum(net_sales * fx_rate) filter (where unit_cost is not null)"
            " - sum(unit_cost * kept * fx_rate))",
            "sum(net_sales * fx_rate) filter (where unit_cost is not null)",
        ),
        "margin_coverage": share(
            sum_if("net_sales * fx_rate", "unit_cost is not null"), "sum(net_sales * fx_rate)"
        ),
    },
)

STOCK = Rows(
    "(select stock.*, category from rpt_inventory_health as stock"
    " left join dim_products using (variant_id))",
    "stock_date",
    {"stock_place__location_id": "location_id", "variant__category": "category"},
    {
        "on_hand_units": "sum(on_hand)",
        "covering_units": sum_if("greatest(on_hand, 0)", "daily_demand is not null"),
        "daily_demand": "sum(daily_demand)",
        "days_of_cover": share(
            sum_if("greatest(on_hand, 0)", "daily_demand is not null"), "sum(daily_demand)"
        ),
        "stockout_days": "sum(stockout_days)",
        "lost_sales_units": "sum(lost_sales)",
        "window_units_sold": "sum(units_sold)",
        "window_units_available": "sum(greatest(opening_on_hand, 0)) + sum(received)",
        "sell_through": share(
            "sum(units_sold)", "(sum(greatest(opening_on_hand, 0)) + sum(received))"
        ),
        "overstock_value": "sum(overstock_value)",
        "suggested_order_units": "sum(suggested_order_quantity)",
    },
)

FORECAST = Rows(
    "(select days.*, category from fct_demand_forecast as days"
    " left join dim_products using (variant_id))",
    "forecast_date",
    {"variant__category": "category", "forecast_day__method": "method"},
    {"forecast_units": "sum(forecast)"},
)

CAMPAIGNS = Rows(
    "rpt_campaign_daily",
    "report_date",
    {
        "campaign_day__channel": "channel",
        "campaign_day__campaign": "campaign",
        "traffic_channel": "channel",
    },
    {
        "ad_spend": "sum(spend)",
        "ad_impressions": "sum(impressions)",
        "ad_clicks": "sum(clicks)",
        "unconverted_spend_rows": "sum(unconverted_spend_rows)",
        "attributed_orders": "sum(attributed_orders)",
        "attributed_new_customers": "sum(attributed_new_customers)",
        "attributed_revenue": "sum(attributed_revenue)",
        "attributed_margin": "sum(attributed_margin)",
        "attributed_costed_revenue": "sum(costed_revenue)",
        "attributed_margin_coverage": share("sum(costed_revenue)", "sum(attributed_revenue)"),
        "roas": share("sum(attributed_revenue)", "sum(spend)"),
        "roi": f"{share('sum(attributed_margin)', 'sum(spend)')} - 1",
        "cac": share("sum(spend)", "sum(attributed_new_customers)"),
        "ad_cost_per_click": share("sum(spend)", "sum(clicks)"),
    },
)

JOURNEYS = Rows(
    "(select journeys.*, country from fct_journeys as journeys"
    " left join fct_orders using (order_id) where conversion_id is not null)",
    "conversion_date",
    {"journey__first_channel": "first_channel", "order__country": "country"},
    {
        "conversions": "count(*)",
        "touches_to_convert": "sum(touch_count)",
        "touches_per_conversion": "avg(touch_count)",
        "days_to_convert": "sum(days_to_convert)",
        "average_days_to_convert": "avg(days_to_convert)",
    },
)


def credits_by(model: str) -> Rows:
    return Rows(
        "(select credits.*, sessions.device_category from fct_attribution as credits"
        " inner join fct_sessions as sessions using (session_id)"
        f" where attribution_model = '{model}')",
        "conversion_date",
        {"touch_credit__channel": "channel", "session__device_category": "device_category"},
        {f"attributed_revenue_{model}": "sum(attributed_revenue)"},
    )


MODELS = (
    *("first", "last", "last_non_direct", "linear"),
    *("position", "time_decay", "markov", "shapley"),
)

QUALITY = Rows(
    "rpt_data_quality_daily",
    "report_date",
    metrics={
        "landed_events": "sum(landed_events)",
        "duplicate_events": "sum(landed_events) - sum(events)",
        "duplicate_event_share": share("(sum(landed_events) - sum(events))", "sum(landed_events)"),
        "late_events": "sum(late_events)",
        "late_event_share": share("sum(late_events)", "sum(landed_events)"),
        "all_sessions": "sum(sessions)",
        "bot_sessions": "sum(bot_sessions)",
        "bot_session_share": share("sum(bot_sessions)", "sum(sessions)"),
        "loaded_events": "sum(loaded_events)",
        "rejected_events": "sum(rejected_events)",
        "rejected_event_share": share("sum(rejected_events)", "sum(loaded_events)"),
    },
)

REJECTED_ROWS = Rows(
    "fct_rejected_rows",
    "cast(loaded_at as date)",
    {"rejected_row__source_table": "source_table", "rejected_row__reason": "reason"},
    {"rejected_rows": "count(*)"},
)

RECONCILIATION = Rows(
    "rpt_reconciliation_daily",
    "report_date",
    metrics={
        "tracked_purchases": "sum(tracked_purchases)",
        "matched_purchases": "sum(matched_purchases)",
        "matched_purchase_share": share("sum(matched_purchases)", "sum(tracked_purchases)"),
        "reconciled_orders": "sum(orders)",
        "orders_seen_by_tracking": "sum(tracked_orders)",
        "tracked_order_share": share("sum(tracked_orders)", "sum(orders)"),
        "total_difference": "sum(stated_total) - sum(computed_total) - sum(gift_card_sales)",
    },
)


def last_28_days(rows: str, day: str, metric: str, count: str) -> Rows:
    """Rows of the 28 days up to each day between the first and the last one of the data."""
    return Rows(
        f"(select date_day, seen.* from semantic.metricflow_time_spine inner join {rows} as seen"
        f" on {day} between date_day - 27 and date_day)",
        None,
        {"metric_time__day": "date_day"},
        {metric: f"count(distinct {count})"},
        has_total=False,
    )


ROLLING = (
    last_28_days(SESSIONS.source, "session_date", "visitors_28_days", "visitor_id"),
    last_28_days(ORDERS.source, "order_date", "ordering_customers_28_days", "customer_id"),
)

ALL_ROWS = (
    *ROLLING,
    *(SESSIONS, FUNNEL, CARTS, POSTINGS, ORDERS, MONEY_AND_ORDERS, CUSTOMERS, CUSTOMER_VALUES),
    *(CUSTOMER_CHURN, COHORTS, PRODUCTS, ORDER_LINES, STOCK, FORECAST, CAMPAIGNS, JOURNEYS),
    *map(credits_by, MODELS),
    *(QUALITY, REJECTED_ROWS, RECONCILIATION),
)
BY_HAND = {name: rows for rows in ALL_ROWS for name in rows.metrics}

# Marts of the demo shop with more robots, test orders, unknown rates and unknown costs.
GAPS = {
    "fct_sessions": "md5(session_id) < '5' as is_bot",
    "fct_orders": "is_sale and md5(order_id) > '3' as is_sale,"
    " case when md5(order_id) > '9' then fx_rate end as fx_rate",
    "fct_sales_ledger": "case when md5(order_id) > '9' then amount_reporting end"
    " as amount_reporting",
    "fct_order_lines": "case when md5(order_line_id) > '8' then unit_cost end as unit_cost,"
    " is_product and md5(order_id) > '3' as is_product",
    "rpt_campaign_daily": "case when md5(campaign) > '8' then spend end as spend,"
    " cast(md5(campaign) <= '8' as bigint) as unconverted_spend_rows,"
    " cast(costed_revenue / 2 as decimal(18, 2)) as costed_revenue",
    "rpt_reconciliation_daily": "matched_purchases // 2 as matched_purchases",
}
ROWS_WITH_GAPS = (
    *(SESSIONS, POSTINGS, ORDERS, MONEY_AND_ORDERS, ORDER_LINES, CAMPAIGNS, RECONCILIATION),
)

# Numbers that a report states too: metric, then the sum over the report's rows by day.
IN_REPORTS = {
    "sessions": "select report_date, sum(sessions) from rpt_traffic_daily",
    "new_visitors": "select report_date, sum(new_visitors) from rpt_traffic_daily",
    "engaged_sessions": "select report_date, sum(engaged_sessions) from rpt_traffic_daily",
    "bounces": "select report_date, sum(bounces) from rpt_traffic_daily",
    "page_views": "select report_date, sum(page_views) from rpt_traffic_daily",
    "purchase_sessions": "select report_date, sum(purchase_sessions) from rpt_traffic_daily",
    "tracked_orders": "select report_date, sum(orders) from rpt_traffic_daily",
    "tracked_net_revenue": "select report_date, sum(net_revenue) from rpt_traffic_daily",
    "carts": "select report_date, sum(carts) from rpt_cart_abandonment_daily",
    "abandoned_carts": "select report_date, sum(abandoned_carts) from rpt_cart_abandonment_daily",
    "recovered_carts": "select report_date, sum(recovered_carts) from rpt_cart_abandonment_daily",
    "checkouts": "select report_date, sum(checkouts) from rpt_cart_abandonment_daily",
    "cart_abandonment_rate": "select report_date, sum(abandoned_carts)"
    " / nullif(sum(carts - open_carts), 0) from rpt_cart_abandonment_daily",
    "abandoned_cart_value": "select report_date, sum(abandoned_value)"
    " from rpt_cart_abandonment_daily",
    "purchase_step_sessions": "select session_date, count(*) filter (where step = 'purchase'"
    " and is_closed_reached) from fct_funnel_sessions where not is_bot",
    "orders": "select report_date, sum(orders) from rpt_sales_daily where orders > 0",
    "new_customers": "select report_date, sum(new_customers) from rpt_sales_daily where orders > 0",
    "reconciled_orders": "select report_date, sum(orders) from rpt_reconciliation_daily",
    "rejected_rows": "select report_date, sum(rejected_rows) from rpt_data_quality_daily"
    " where rejected_rows > 0",
    "attributed_revenue_last_non_direct": "select report_date, sum(attributed_revenue)"
    " from rpt_campaign_daily where attributed_orders > 0",
}

# What orders, lines and refunds fill; the metrics of these marts are compared on UCI's shop too.
UCI_MARTS = (
    *("fct_orders", "fct_order_lines", "fct_sales_ledger", "dim_customers", "dim_products"),
    *("fct_customer_value", "fct_customer_churn", "rpt_cohort_retention", "rpt_product_daily"),
    "metricflow_time_spine",
)
UCI_ROWS = (
    ROLLING[1],
    *(POSTINGS, ORDERS, MONEY_AND_ORDERS, CUSTOMERS, CUSTOMER_VALUES, CUSTOMER_CHURN, COHORTS),
    *(PRODUCTS, ORDER_LINES),
)
UCI_METRICS = [name for rows in UCI_ROWS for name in rows.metrics]


@pytest.fixture(scope="module")
def layer(parsed_project: Project, tmp_path_factory: pytest.TempPathFactory) -> SemanticLayer:
    """The project's semantic layer and MetricFlow's engine."""
    return SemanticLayer.load(parsed_project, tmp_path_factory.mktemp("semantic"))


@pytest.fixture(scope="module")
def uci(
    new_warehouse: NewWarehouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """UCI's "Online Retail": the marts that orders alone fill."""
    raw = reference("uci_online_retail/online_retail_2010_2011.parquet")
    with new_warehouse() as built:
        files = uci_online_retail.write_mapped(raw, tmp_path_factory.mktemp("uci"))
        for table, file in files.items():
            land_file(built.zone, table, file)
        built.build([f"+{mart}" for mart in UCI_MARTS])
        with built.connection() as connection:
            connection.execute("use marts")
            yield connection


@pytest.fixture(scope="module")
def demo(demo_copy: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts of the demo shop."""
    with warehouse_of_copy(demo_copy) as connection:
        yield connection


def metric_agg(layer: SemanticLayer, metric: Any) -> str:
    """How the measure of a simple metric is aggregated."""
    aggregations = {
        measure.name: str(measure.agg.value)
        for model in layer.manifest.semantic_models
        for measure in model.measures
    }
    return aggregations[metric.type_params.measure.name]


def test_every_metric_has_a_label_and_says_what_it_is(layer: SemanticLayer) -> None:
    metrics = layer.metrics
    assert [m.name for m in metrics if not m.label or not m.description] == []
    assert len({m.label for m in metrics}) == len(metrics)


def test_descriptions_say_what_adds_up(layer: SemanticLayer) -> None:
    wrong = []
    for metric in layer.metrics:
        if metric.type.value in ("ratio", "derived"):
            says_so = metric.description.endswith("A ratio: never add it up or average it.")
        elif metric_agg(layer, metric) != "count_distinct":
            says_so = bool(re.search(r"\b(Additive|Not additive)\b", metric.description))
        else:
            # The only distinct counts that add up are of what everybody has once.
            expected = "Additive, since" if metric.name.startswith("new_") else "Not additive"
            says_so = expected in metric.description
        if not says_so:
            wrong.append(metric.name)
    assert wrong == []


def test_every_headline_number_of_the_definitions_is_a_metric(layer: SemanticLayer) -> None:
    definitions = (PROJECT_ROOT / "docs" / "definitions.md").read_text(encoding="utf-8")
    assert [term for term in HEADLINES if term not in definitions] == []
    assert set(HEADLINES.values()) <= {metric.name for metric in layer.metrics}


def test_semantic_models_name_columns_of_public_marts(layer: SemanticLayer) -> None:
    marts = {mart.name: mart for mart in public_marts()}
    unknown, personal = [], []
    for model in layer.manifest.semantic_models:
        mart = marts[model.node_relation.alias]
        for element in (*model.entities, *model.dimensions, *model.measures):
            expression = re.sub(r"'[^']*'", "", element.expr or element.name)
            columns = set(re.findall(r"[a-z_]\w*", expression)) - SQL_WORDS
            assert columns, f"{model.name}.{element.name} reads no column"
            unknown += [f"{model.name}.{column}" for column in columns - {*mart.columns}]
            personal += [f"{model.name}.{column}" for column in columns & {*mart.personal}]
    assert (unknown, personal) == ([], [])


def test_every_measure_is_in_a_metric(layer: SemanticLayer) -> None:
    measures = {m.name for model in layer.manifest.semantic_models for m in model.measures}
    used = {
        metric.type_params.measure.name for metric in layer.metrics if metric.type.value == "simple"
    }
    assert measures == used


def test_every_metric_has_sql_by_hand(layer: SemanticLayer) -> None:
    assert {metric.name for metric in layer.metrics} == set(BY_HAND)
    assert sum(len(rows.metrics) for rows in ALL_ROWS) == len(BY_HAND)


def agree(ours: Any, theirs: Any) -> bool:
    """Equal numbers, floating-point ones up to their rounding."""
    if isinstance(ours, float) or isinstance(theirs, float):
        if ours is None or theirs is None:
            return ours is theirs
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    return bool(ours == theirs)


def differences(found: Sequence[tuple[Any, ...]], expected: Sequence[tuple[Any, ...]]) -> list[str]:
    """How two answers differ: groups that only one has, and values."""
    ours, theirs = ({row[:-1]: row[-1] for row in rows} for rows in (found, expected))
    assert len(ours) == len(found), "a group comes twice"
    lines = [f"{group} only here" for group in ours.keys() - theirs.keys()]
    lines += [f"{group} only by hand" for group in theirs.keys() - ours.keys()]
    return lines + [
        f"{group}: {ours[group]}, by hand {theirs[group]}"
        for group in ours.keys() & theirs.keys()
        if not agree(ours[group], theirs[group])
    ]


def groupings(rows: Rows) -> dict[str, str]:
    """What to group a metric by, as MetricFlow names it, and the same in SQL; '' is overall."""
    days = (
        {}
        if rows.day is None
        else {
            "metric_time__day": rows.day,
            "metric_time__month": f"date_trunc('month', {rows.day})",
        }
    )
    return {**({"": ""} if rows.has_total else {}), **days, **rows.columns}


def as_of_groups(group: str, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows with the moment of MetricFlow's time groups as the date that it is."""
    if not group.startswith("metric_time"):
        return list(rows)
    return [(None if row[0] is None else str(row[0])[:10], *row[1:]) for row in rows]


def disagreements(
    layer: SemanticLayer,
    connection: duckdb.DuckDBPyConnection,
    metric: str,
    groups: Mapping[str, str] | None = None,
) -> list[str]:
    """Where MetricFlow and the SQL by hand give different numbers for a metric."""
    rows = BY_HAND[metric]
    wrong = []
    for group, column in (groups or groupings(rows)).items():
        found = layer.query(connection, [metric], [group] if group else [])
        head, tail = (f"{column} as grouped, ", " group by grouped") if group else ("", "")
        sql = f"select {head}{rows.metrics[metric]} from {rows.source} as source{tail}"
        expected = connection.execute(sql).fetchall()
        lines = differences(as_of_groups(group, found), as_of_groups(group, expected))
        wrong += [f"{metric} by {group or 'nothing'}: {line}" for line in lines]
    return wrong


def overall(
    layer: SemanticLayer, connection: duckdb.DuckDBPyConnection, metric: str
) -> list[tuple[Any, ...]]:
    """A metric over everything, or by month where it has no total."""
    return layer.query(connection, [metric], [] if BY_HAND[metric].has_total else [MONTH])


@pytest.mark.parametrize("metric", BY_HAND)
def test_metricflow_and_sql_by_hand_agree_on_the_demo_shop(
    layer: SemanticLayer, demo: duckdb.DuckDBPyConnection, metric: str
) -> None:
    assert disagreements(layer, demo, metric)[:5] == []


def test_metricflow_and_sql_by_hand_agree_where_much_is_left_out_or_unknown(
    layer: SemanticLayer, demo_copy: Path
) -> None:
    """The demo's robots never buy and all its rates are known: here filters and nulls matter."""
    with warehouse_of_copy(demo_copy) as gaps:
        for mart, columns in GAPS.items():
            source = f"select * replace ({columns}) from published.main.{mart}"
            gaps.execute(f"create or replace view {mart} as {source}")
        wrong = [
            line
            for rows in ROWS_WITH_GAPS
            for metric in rows.metrics
            for line in disagreements(layer, gaps, metric, {"": ""})
        ]
        assert wrong == []
        unknown = layer.query(gaps, ["unconverted_postings", "unconverted_spend_rows"])
        assert min(unknown[0]) > 0
        coverage = layer.query(gaps, ["margin_coverage", "attributed_margin_coverage"])
        assert 0 < min(coverage[0]) < max(coverage[0]) < 1


def test_the_demo_shop_has_a_number_for_every_metric(
    layer: SemanticLayer, demo: duckdb.DuckDBPyConnection
) -> None:
    answers = {metric: overall(layer, demo, metric)[-1][-1] for metric in BY_HAND}
    assert [metric for metric, answer in answers.items() if answer is None] == []
    zero = {metric for metric, answer in answers.items() if answer == 0}
    assert zero <= {"unconverted_postings", "unconverted_spend_rows", "total_difference"}


@pytest.mark.parametrize("metric", IN_REPORTS)
def test_metrics_are_what_the_reports_state(
    layer: SemanticLayer, demo: duckdb.DuckDBPyConnection, metric: str
) -> None:
    found = layer.query(demo, [metric], ["metric_time__day"])
    stated = demo.execute(f"{IN_REPORTS[metric]} group by 1").fetchall()
    assert len(stated) >= 1
    day = "metric_time__day"
    unequal = differences(as_of_groups(day, found), as_of_groups(day, stated))
    # A report has rows of days on which only its other numbers happened.
    assert [line for line in unequal if not line.endswith("only by hand")] == []
    days = {group for group, _ in as_of_groups(day, found)}
    missing = [row for row in as_of_groups(day, stated) if row[0] not in days]
    assert [row for row in missing if row[1]] == []


def test_sales_in_the_reporting_currency_are_those_of_the_sales_report(
    layer: SemanticLayer, demo: duckdb.DuckDBPyConnection
) -> None:
    names = ["gross_sales", "discounts", "returns", "net_sales", "tax", "shipping", "total_sales"]
    found = layer.query(demo, names, ["posting__currency"])
    reporting = demo.execute(
        "select reporting_currency from published.about.published_copy"
    ).fetchall()[0][0]
    sums = ", ".join(f"sum({name})" for name in names)
    stated = demo.execute(
        f"select currency, {sums} from rpt_sales_daily where currency = ? group by 1", [reporting]
    ).fetchall()
    assert [row for row in found if row[0] == reporting] == stated


def test_models_of_attribution_divide_the_same_revenue(
    layer: SemanticLayer, demo: duckdb.DuckDBPyConnection
) -> None:
    names = [f"attributed_revenue_{model}" for model in MODELS]
    (totals,) = layer.query(demo, [*names, "attributed_revenue"])
    assert len(set(totals)) == 1
    assert totals[0] > 0


def test_marts_of_different_grain_meet_in_one_query(
    layer: SemanticLayer, demo: duckdb.DuckDBPyConnection
) -> None:
    found = layer.query(demo, ["sessions", "ad_spend", "carts"], ["traffic_channel"])
    expected = demo.execute(
        "select channel, sessions, ad_spend, carts from"
        " (select channel, count(*) as sessions from fct_sessions where not is_bot group by 1)"
        " full join (select channel, sum(spend) as ad_spend from rpt_campaign_daily group by 1)"
        " using (channel)"
        " full join (select channel, count(*) as carts from fct_carts group by 1) using (channel)"
    ).fetchall()
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("metric", ["visitors_28_days", "ordering_customers_28_days"])
def test_a_month_has_the_rolling_count_of_its_last_day(
    layer: SemanticLayer, demo: duckdb.DuckDBPyConnection, metric: str
) -> None:
    days = sorted(layer.query(demo, [metric], ["metric_time__day"]))
    last_of_month = {f"{day:%Y-%m}": count for day, count in days}
    months = layer.query(demo, [metric], [MONTH])
    assert {f"{month:%Y-%m}": count for month, count in months} == last_of_month
    assert len(months) == len(last_of_month) > 1


def test_without_data_counts_are_empty_and_every_ratio_is_null(
    layer: SemanticLayer, demo_copy: Path
) -> None:
    with warehouse_of_copy(demo_copy) as empty:
        for mart in public_marts():
            empty.execute(
                f"create or replace view {mart.name} as from published.main.{mart.name} limit 0"
            )
        answers = {metric: overall(layer, empty, metric) for metric in BY_HAND}
    ratios = [m.name for m in layer.metrics if m.type.value in ("ratio", "derived")]
    assert {name for name in ratios if answers[name] not in ([], [(None,)])} == set()
    assert {name for name, rows in answers.items() if rows and rows[0][0]} == set()


def test_the_table_of_metrics_is_that_of_the_yaml() -> None:
    text = CATALOGUE.read_text(encoding="utf-8")
    assert text == with_catalogue(text, subjects()), "run python -m shoptrack.metric_catalogue"


def test_the_table_of_metrics_says_what_metricflow_knows(layer: SemanticLayer) -> None:
    marts = {
        measure.name: model.node_relation.alias
        for model in layer.manifest.semantic_models
        for measure in model.measures
    }
    listed = {metric.name: metric for subject in subjects() for metric in subject.metrics}
    assert set(listed) == {metric.name for metric in layer.metrics}
    for metric in layer.metrics:
        if metric.type.value == "simple":
            mart = marts[metric.type_params.measure.name]
            assert listed[metric.name].marts == (mart,), metric.name
        assert (listed[metric.name].additive == "ratio") == (
            metric.type.value in ("ratio", "derived")
        )
    assert set(listed["aov"].marts) == {"fct_sales_ledger", "fct_orders"}
    groups = [name for subject in subjects() for names in subject.groups.values() for name in names]
    known = {name for rows in ALL_ROWS for name in rows.columns if "metric_time" not in name}
    assert known <= set(groups)


def test_a_text_without_marks_takes_no_table() -> None:
    with pytest.raises(ValueError, match="lacks the line <!-- metrics: begin"):
        with_catalogue("# Metrics", ())


def examples_of_the_guide() -> list[tuple[str, str]]:
    """Commands of docs/metrics.md and what they are said to print."""
    text = CATALOGUE.read_text(encoding="utf-8")
    return re.findall(r"```console\n\$ (mf query [^\n]+)\n(.*?)```", text, re.DOTALL)


def test_the_examples_of_the_guide_print_what_it_shows(
    layer: SemanticLayer, demo_copy: Path, tmp_path: Path
) -> None:
    warehouse = write_warehouse(demo_copy, tmp_path)
    project = project_to_query(layer, tmp_path / "project")
    settings = {"SHOPTRACK_WAREHOUSE": warehouse, "SHOPTRACK_LANDING": tmp_path / "landing"}
    environment = {**os.environ, **{name: str(path) for name, path in settings.items()}}
    examples = examples_of_the_guide()
    assert len(examples) == 3
    for command, shown in examples:
        printed = subprocess.run(
            [MF, *shlex.split(command)[1:], "--quiet"],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert [line.rstrip() for line in printed.splitlines()] == shown.splitlines()


def test_ucis_published_figures_come_out_of_the_metrics(
    layer: SemanticLayer, uci: duckdb.DuckDBPyConnection
) -> None:
    money = ["gross_sales", "returns", "discounts"]
    counts = ["orders", "ordering_customers", "new_customers", "buyers", "repeat_buyers"]
    published = ["10655622.48", "896812.49", "0.00"]
    assert [str(value) for value in layer.query(uci, money)[0]] == published
    assert layer.query(uci, counts) == [(19959, 4338, 4338, 4338, 2845)]
    assert layer.query(uci, ["repeat_purchase_rate"]) == [(2845 / 4338,)]
    assert layer.query(uci, ["aov"]) == [(pytest.approx(10655622.48 / 19959),)]


def test_the_time_spine_has_every_day_of_the_data_once(uci: duckdb.DuckDBPyConnection) -> None:
    spine = "select count(*), count(distinct date_day), min(date_day), max(date_day)"
    days = "select max(day) - min(day) + 1, max(day) - min(day) + 1, min(day), max(day)"
    expected = f"{days} from (select posting_date as day from fct_sales_ledger)"
    found = uci.execute(f"{spine} from semantic.metricflow_time_spine").fetchall()
    assert found == uci.execute(expected).fetchall()
    assert found[0][0] == 374


def test_metricflow_and_sql_by_hand_agree_on_ucis_shop(
    layer: SemanticLayer, uci: duckdb.DuckDBPyConnection
) -> None:
    wrong = [line for metric in UCI_METRICS for line in disagreements(layer, uci, metric)]
    assert wrong[:5] == []
