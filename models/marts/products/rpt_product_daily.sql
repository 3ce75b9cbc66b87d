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
        coalesce(bought.purchases, 0) as tracked_purchases,
        case when shop.has_order_lines then 0 else bought.purchases end as purchases,
        case when shop.has_order_lines then 0 else bought.purchased_units end as units,
        case when shop.has_order_lines then 0 else bought.purchased_value end as sales
    from {{ ref('int_product_events_counted') }} as counted
        cross join shop
        left join {{ ref('int_product_purchases_counted') }} as bought
            on counted.session_date = bought.session_date and counted.item_id = bought.item_id
),

sold as (
    select
        order_date as report_date,
        variant_id,
        count(distinct order_id) as purchases,
        sum(quantity) as units,
        sum((gross_sales - discounts) * fx_rate) as sales,
        sum(quantity * unit_cost * fx_rate) as cost,
        sum(case when unit_cost is not null then quantity else 0 end) as costed_units
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
)

select
    days.report_date,
    days.variant_id,
    variants.product_id,
    coalesce(tracked.views, 0) as views,
    coalesce(tracked.add_to_carts, 0) as add_to_carts,
    coalesce(tracked.tracked_purchases, 0) as tracked_purchases,
    cast(coalesce(tracked.purchases, 0) + coalesce(sold.purchases, 0) as bigint) as purchases,
    cast(coalesce(tracked.units, 0) + coalesce(sold.units, 0) as bigint) as units,
    cast(coalesce(returned.returned_units, 0) as bigint) as returned_units,
    cast(
        coalesce(tracked.sales, 0) + coalesce(sold.sales, 0) - coalesce(returned.returns, 0)
        as decimal(18, 2)
    ) as net_sales,
    cast(coalesce(returned.returns, 0) as decimal(18, 2)) as returns,
    cast(sold.cost as decimal(18, 2)) as cost_of_goods,
    cast(coalesce(sold.costed_units, 0) as bigint) as costed_units,
    cast(tracked.add_to_carts as double) / nullif(tracked.views, 0) as view_to_cart_rate,
    cast(coalesce(tracked.purchases, 0) + coalesce(sold.purchases, 0) as double)
    / nullif(tracked.add_to_carts, 0) as cart_to_purchase_rate
from days
    inner join {{ ref('int_variants_known') }} as variants
        on days.variant_id = variants.variant_id
    left join tracked
        on days.report_date = tracked.report_date and days.variant_id = tracked.variant_id
    left join sold
        on days.report_date = sold.report_date and days.variant_id = sold.variant_id
    left join returned
        on days.report_date = returned.report_date and days.variant_id = returned.variant_id
