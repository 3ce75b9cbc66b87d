-- Everything on its own day. Without order lines, purchases and sales are what tracking saw.

with

shop as (
    select count(*) > 0 as has_order_lines from {{ ref('fct_order_lines') }}
),

tracked as (
    select
        counted.session_date as report_date,
        counted.item_id as variant_id,
        counted.views,
        counted.add_to_carts,
        counted.purchases as tracked_purchases,
        case when shop.has_order_lines then 0 else counted.purchases end as purchases,
        case when shop.has_order_lines then 0 else counted.purchased_units end as units,
        case when shop.has_order_lines then 0 else counted.purchased_value end as sales
    from {{ ref('int_product_events_counted') }} as counted
        cross join shop
),

sold as (
    select
        order_date as report_date,
        variant_id,
        count(distinct order_id) as purchases,
        sum(quantity) as units,
        sum((gross_sales - discounts) * fx_rate) as sales,
        sum(quantity * unit_cost * fx_rate) as cost
    from {{ ref('fct_order_lines') }}
    where is_product and is_sale
    group by order_date, variant_id
),

returns as (
    select
        refund_date as report_date,
        variant_id,
        quantity,
        returns * fx_rate as returns
    from {{ ref('fct_refunds') }}
    where variant_id is not null and is_sale
    union all
    select
        cancelled_date as report_date,
        variant_id,
        cancelled_units as quantity,
        cancelled_value * fx_rate as returns
    from {{ ref('fct_order_lines') }}
    where cancelled_date is not null and is_product and is_sale
),

returned as (
    select
        report_date,
        variant_id,
        sum(quantity) as returned_units,
        sum(returns) as returns
    from returns
    group by report_date, variant_id
),

days as (
    select
        report_date,
        variant_id
    from tracked
    union
    select
        report_date,
        variant_id
    from sold
    union
    select
        report_date,
        variant_id
    from returned
),

daily as (
    select
        days.report_date,
        days.variant_id,
        coalesce(tracked.views, 0) as views,
        coalesce(tracked.add_to_carts, 0) as add_to_carts,
        coalesce(tracked.tracked_purchases, 0) as tracked_purchases,
        coalesce(tracked.purchases, 0) + coalesce(sold.purchases, 0) as purchases,
        coalesce(tracked.units, 0) + coalesce(sold.units, 0) as units,
        coalesce(tracked.sales, 0) + coalesce(sold.sales, 0) as sales,
        coalesce(returned.returned_units, 0) as returned_units,
        coalesce(returned.returns, 0) as returns,
        sold.cost
    from days
        left join tracked
            on days.report_date = tracked.report_date and days.variant_id = tracked.variant_id
        left join sold
            on days.report_date = sold.report_date and days.variant_id = sold.variant_id
        left join returned
            on days.report_date = returned.report_date and days.variant_id = returned.variant_id
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
