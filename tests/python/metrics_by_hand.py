"""Every metric in SQL that was written by hand over the marts, and not taken from the YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
        "window_units_sold": sum_if("units_sold", "received is not null"),
        "window_units_available": sum_if(
            "greatest(opening_on_hand, 0) + received", "received is not null"
        ),
        "sell_through": share(
            sum_if("units_sold", "received is not null"),
            sum_if("greatest(opening_on_hand, 0) + received", "received is not null"),
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
        "total_difference": "sum(total_difference)",
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
