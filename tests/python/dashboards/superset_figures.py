"""What charts of the Superset dashboards must show, by SQL that owes nothing to the datasets.

A query's columns are those of the chart's answer that are compared; `total` stands for the sum of
all its numbers, `cell` for each of them. Where a fact is in the published copy, it is counted
instead of the report.
"""

from __future__ import annotations

_SESSIONS = "fct_sessions where not is_bot"
_PER_SALE = "sum(amount_reporting) filter (where posting_kind in ('gross_sales', 'discount'))"
_NET = "posting_kind in ('gross_sales', 'discount', 'return')"
_PRODUCTS = "from rpt_product_performance as performance join dim_products using (variant_id)"
_STOCK = "from rpt_inventory_health as health join dim_products using (variant_id)"
_COMPARED = "from rpt_experiment_results where not is_control"

FIGURES = {
    "overview/net_sales": f"""
        select sum(amount_reporting) as net_sales from fct_sales_ledger where {_NET}""",
    "overview/orders": "select count(*) as orders from fct_orders where is_sale",
    "overview/average_order_value": f"""
        select cast({_PER_SALE} as double) / (select count(*) from fct_orders where is_sale)
            as average_order_value
        from fct_sales_ledger""",
    "overview/sessions": f"select count(*) as sessions from {_SESSIONS}",
    "overview/session_conversion_rate": f"""
        select avg(cast(has_purchase as integer)) as session_conversion_rate
        from {_SESSIONS}""",
    "overview/net_sales_by_week": f"""
        select sum(amount_reporting) as total from fct_sales_ledger where {_NET}""",
    "overview/conversion_by_device": f"""
        select avg(cast(has_purchase as integer)) as cell
        from {_SESSIONS} group by date_trunc('week', session_date), device_category""",
    "overview/channels": f"""
        select channel, count(*) as sessions,
            avg(cast(is_engaged as integer)) as engagement_rate,
            avg(cast(has_purchase as integer)) as session_conversion_rate,
            sum(net_revenue) as net_revenue
        from {_SESSIONS} group by channel""",
    "overview/currencies": f"""
        select currency, count(*) as orders, any_value(ledger.net_sales) as net_sales
        from fct_orders
        join (
            select currency, sum(amount_reporting) as net_sales
            from fct_sales_ledger where {_NET} group by currency
        ) as ledger using (currency)
        where is_sale group by currency""",
    "overview/new_customers": """
        select count(*) as total from fct_orders where is_first_order and is_sale""",
    "traffic/sessions_by_channel": f"select count(*) as total from {_SESSIONS}",
    "traffic/new_visitors": "select count(*) as total from dim_visitors where not is_bot",
    "traffic/engagement": f"""
        select avg(cast(is_engaged as integer)) as cell
        from {_SESSIONS} group by date_trunc('week', session_date), device_category""",
    "traffic/countries": f"""
        select country, count(*) as sessions, avg(cast(not is_engaged as integer)) as bounce_rate,
            sum(page_view_count) / count(*) as pages_per_session
        from {_SESSIONS} group by country""",
    "traffic/channel_device": f"""
        select channel, device_category,
            avg(cast(has_purchase as integer)) as session_conversion_rate
        from {_SESSIONS} group by all""",
    "traffic/pages": """
        select sum(sessions) as sessions from rpt_page_transitions_daily
        group by from_page, to_page order by sessions desc limit 50""",
    "funnel/funnel_conversion": """
        select count(*) filter (where step = 'purchase')
            / count(*) filter (where step = 'view_item') as funnel_conversion_rate
        from fct_funnel_sessions where is_closed_reached and not is_bot""",
    "funnel/cart_abandonment": """
        select avg(cast(cart_state = 'abandoned' as integer)) as cart_abandonment_rate
        from fct_carts where cart_state <> 'open'""",
    "funnel/abandoned_value": """
        select sum(cart_value) as abandoned_value from fct_carts where cart_state = 'abandoned'""",
    "funnel/cart_recovery": """
        select avg(cast(is_recovered as integer)) as cart_recovery_rate
        from fct_carts where cart_state = 'abandoned'""",
    "funnel/steps": """
        select step, count(*) as sessions_closed
        from fct_funnel_sessions where is_closed_reached and not is_bot group by step""",
    "funnel/lost_value": """
        select step, sum(lost_value) as lost_value from rpt_funnel_daily group by step""",
    "funnel/step_rates": """
        with weeks as (
            select date_trunc('week', session_date) as week,
                count(*) filter (where step = 'view_item') as views,
                count(*) filter (where step = 'add_to_cart') as carts,
                count(*) filter (where step = 'begin_checkout') as checkouts,
                count(*) filter (where step = 'purchase') as purchases
            from fct_funnel_sessions where is_closed_reached and not is_bot group by week
        )
        select unnest([carts / views, checkouts / carts, purchases / checkouts]) as cell
        from weeks""",
    "funnel/abandonment_by_week": """
        with days as (
            select started_date, count(*) filter (where cart_state = 'abandoned') as abandoned,
                count(*) as carts,
                count(*) filter (where cart_state = 'abandoned' and has_checkout) as in_checkout,
                count(*) filter (where has_checkout) as checkouts
            from fct_carts group by started_date
            having count(*) filter (where cart_state = 'open') = 0
        )
        select unnest([sum(abandoned) / sum(carts), sum(in_checkout) / sum(checkouts)]) as cell
        from days group by date_trunc('week', started_date)""",
    "funnel/reasons": """
        select abandonment_reason, count(*) as abandoned_carts
        from fct_carts where cart_state = 'abandoned' group by all""",
    "funnel/value_by_week": """
        select sum(cart_value) + sum(cart_value) filter (where is_recovered) as total
        from fct_carts where cart_state = 'abandoned'""",
    "customers/buyers": """
        select count(distinct customer_id) as buyers from fct_orders where is_sale""",
    "customers/repeat_buyers": """
        select avg(cast(orders > 1 as integer)) as repeat_buyer_share
        from (
            select count(*) as orders from fct_orders
            where is_sale and customer_id is not null group by customer_id
        )""",
    "customers/net_sales_per_buyer": """
        select cast(sum(net_sales) as double) / count(*) as net_sales_per_buyer
        from dim_customers where order_count > 0""",
    "customers/retention": """
        select strftime(cohort_month, '%Y-%m') as cohort, month_number,
            customers / cohort_size as retention
        from rpt_cohort_retention where is_month_over and month_number > 0""",
    "customers/segments": """
        select segment, count(*) as customers, sum(net_sales) as net_sales
        from dim_customers where segment is not null group by segment""",
    "customers/migration": """
        select from_segment, to_segment, customers from rpt_segment_migration
        qualify report_month = max(report_month) over ()""",
    "customers/churn": """
        select suggested_action, sum(value_at_risk) as value_at_risk
        from fct_customer_churn group by suggested_action""",
    "customers/calibration": """
        select predicted_purchases, actual_purchases from rpt_customer_value_calibration""",
    "products/out_of_stock": """
        select count(*) as out_of_stock_variants from rpt_inventory_health
        where days_of_cover = 0 and daily_demand > 0""",
    "products/lost_sales": "select sum(lost_sales) as lost_sales from rpt_inventory_health",
    "products/to_order": """
        select sum(suggested_order_quantity) as suggested_order_quantity
        from rpt_inventory_health""",
    "products/net_sales_by_category": "select sum(net_sales) as total from rpt_product_daily",
    "products/abc_xyz": """
        select abc_class, coalesce(xyz_class, 'not known') as xyz_class, count(*) as variants
        from rpt_product_performance group by all""",
    "products/products": f"""
        select title, performance.net_sales, performance.margin, performance.units
        {_PRODUCTS}""",
    "products/reorder": f"""
        select title, location_id, suggested_order_quantity, on_hand,
            on_hand / daily_demand as days_of_cover
        {_STOCK} where suggested_order_quantity > 0""",
    "products/forecast": "select sum(forecast) as total from fct_demand_forecast",
    "marketing/spend": """
        select sum(spend) as spend from rpt_channel_attribution where attribution_model = 'last'""",
    "marketing/roas": """
        select cast(sum(attributed_revenue) as double) / sum(spend) as roas
        from rpt_channel_attribution where attribution_model = 'last_non_direct'
            and (channel like 'Paid %' or channel in ('Display', 'Cross-network'))""",
    "marketing/cac": """
        select cast(sum(spend) as double) / sum(attributed_new_customers) as cac
        from rpt_channel_attribution where attribution_model = 'last_non_direct'""",
    "marketing/models": """
        select channel, attribution_model, attributed_revenue from rpt_channel_attribution""",
    "marketing/roas_models": """
        select channel, attribution_model, roas from rpt_channel_attribution where spend > 0""",
    "marketing/spend_by_week": "select sum(spend) as total from rpt_campaign_daily",
    "marketing/campaigns": """
        select channel, campaign, sum(spend) as spend, sum(attributed_orders) as attributed_orders
        from rpt_campaign_daily group by channel, campaign""",
    "marketing/paths": """
        select conversions from rpt_path_conversion order by conversions desc limit 50""",
    "experiments/results": f"""
        select metric, variant, units, lift, ci_low, adjusted_p_value {_COMPARED}""",
    "experiments/sample_ratio": """
        select variant, max(units) as units, max(planned_share) as planned_share
        from rpt_experiment_results group by experiment_id, variant""",
    "experiments/cuped": f"select metric, variant, cuped_lift, variance_reduction {_COMPARED}",
    "experiments/intervals": f"select sum(lift + ci_low + ci_high) as total {_COMPARED}",
    "quality/landed_events": """
        select sum(landed_events) as landed_events from rpt_data_quality_daily""",
    "quality/rejected_rows": "select count(*) as rows from fct_rejected_rows",
    "quality/unexplained_money": """
        select sum(stated_total - computed_total - gift_card_sales) as total_difference
        from rpt_reconciliation_daily""",
    "quality/tracked_share": """
        select sum(tracked_orders) / (select count(*) from fct_orders where is_sale)
            as tracked_share
        from rpt_reconciliation_daily""",
    "quality/shares": """
        select unnest([duplicate_share, late_share, bot_share]) as cell
        from rpt_data_quality_daily where landed_events > 0""",
    "quality/tracked_by_week": """
        select sum(orders) + sum(tracked_orders) as total from rpt_reconciliation_daily""",
    "quality/reasons": """
        select source_table, reason, count(*) as rows from fct_rejected_rows group by all""",
}
