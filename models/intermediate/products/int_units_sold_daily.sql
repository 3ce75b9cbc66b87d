-- One row per variant and day with units sold, goods only; cancelled lines count: somebody wanted
-- the goods. In a shop without order lines, units are what tracking saw.

with

ordered as (
    select
        lines.variant_id,
        orders.order_date as sales_date,
        sum(lines.quantity) as units
    from {{ ref('int_order_lines_priced') }} as lines
        inner join {{ ref('int_orders_latest') }} as orders
            on lines.order_id = orders.order_id
    where lines.is_product and lines.is_sale
    group by lines.variant_id, orders.order_date
),

tracked as (
    select
        counted.item_id as variant_id,
        counted.session_date as sales_date,
        counted.purchased_units as units
    from {{ ref('int_product_purchases_counted') }} as counted
    where
        counted.purchased_units > 0
        and not exists (select 1 from {{ ref('int_order_lines_priced') }})
),

sold as (
    select * from ordered
    union all
    select * from tracked
)

select
    sold.variant_id,
    sold.sales_date,
    cast(sold.units as bigint) as units
from sold
    inner join {{ ref('int_variants_known') }} as variants
        on sold.variant_id = variants.variant_id
