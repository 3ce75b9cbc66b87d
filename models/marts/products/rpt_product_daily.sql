-- Views and carts count on the session's day, sales on the order's, returns on the refund's. In a
-- shop without order lines, purchases and sales are what the purchase events said.

with

tracked as (
    select
        session_date as report_date,
        item_id as variant_id,
        views,
        add_to_carts,
        purchases as tracked_purchases,
        case when has_order_lines then 0 else purchases end as purchases,
        case when has_order_lines then 0 else purchased_units end as units,
        case when has_order_lines then 0 else purchased_value end as sales
    from {{ ref('int_product_events_counted') }}
        cross join (
            select count(*) > 0 as has_order_lines from {{ ref('fct_order_lines') }}
        ) as order_lines
),

sold as (
    select
        lines.order_date as report_date,
        lines.variant_id,
        count(distinct lines.order_id) as purchases,
        sum(lines.quantity) as units,
        sum((lines.gross_sales - lines.discounts) * orders.fx_rate) as sales,
        sum(lines.quantity * lines.unit_cost) as cost
    from {{ ref('fct_order_lines') }} as lines
        inner join {{ ref('fct_orders') }} as orders
            on lines.order_id = orders.order_id
    where lines.is_product and lines.is_sale
    group by lines.order_date, lines.variant_id
),

returned as (
    select
        refund_date as report_date,
        variant_id,
        sum(quantity) as returned_units,
        sum(returns * fx_rate) as returns
    from {{ ref('fct_refunds') }}
    where variant_id is not null and is_sale
    group by refund_date, variant_id
),

combined as (
    select report_date, variant_id, views, add_to_carts, tracked_purchases,
        purchases, units, sales, 0 as returned_units, 0 as returns, null as cost
    from tracked
    union all
    select report_date, variant_id, 0, 0, 0, purchases, units, sales, 0, 0, cost
    from sold
    union all
    select report_date, variant_id, 0, 0, 0, 0, 0, 0, returned_units, returns, null
    from returned
),

daily as (
    select
        combined.report_date,
        combined.variant_id,
        sum(combined.views) as views,
        sum(combined.add_to_carts) as add_to_carts,
        sum(combined.tracked_purchases) as tracked_purchases,
        sum(combined.purchases) as purchases,
        sum(combined.units) as units,
        sum(combined.sales) as sales,
        sum(combined.returned_units) as returned_units,
        sum(combined.returns) as returns,
        sum(combined.cost) as cost
    from combined
    group by combined.report_date, combined.variant_id
)

select
    daily.report_date,
    daily.variant_id,
    variants.product_id,
    cast(daily.views as bigint) as views,
    cast(daily.add_to_carts as bigint) as add_to_carts,
    cast(daily.tracked_purchases as bigint) as tracked_purchases,
    cast(daily.purchases as bigint) as purchases,
    cast(daily.units as bigint) as units,
    cast(daily.returned_units as bigint) as returned_units,
    cast(daily.sales - daily.returns as decimal(18, 2)) as net_sales,
    cast(daily.returns as decimal(18, 2)) as returns,
    cast(daily.cost as decimal(18, 2)) as cost_of_goods,
    cast(daily.add_to_carts as double) / nullif(daily.views, 0) as view_to_cart_rate,
    cast(daily.purchases as double) / nullif(daily.add_to_carts, 0) as cart_to_purchase_rate
from daily
    inner join {{ ref('int_variants_known') }} as variants
        on daily.variant_id = variants.variant_id
