-- One row per order up to the as-of time and product that it sold, money in the reporting currency.
-- returned_at: when the last unit of it came back.

with

refunded as (
    select
        order_line_id,
        sum(quantity) as refunded_units,
        max(refunded_at) as refunded_at
    from {{ ref('int_refunds_latest') }}
    where order_line_id is not null
    group by order_line_id
),

products as (
    select
        lines.order_id,
        variants.product_id,
        sum(lines.quantity) as units,
        sum(lines.gross_sales) as gross_sales,
        sum(refunded.refunded_units) as refunded_units,
        max(refunded.refunded_at) as refunded_at
    from {{ ref('int_order_lines_priced') }} as lines
        inner join {{ ref('int_variants_known') }} as variants
            on lines.variant_id = variants.variant_id
        left join refunded
            on lines.order_line_id = refunded.order_line_id
    where lines.is_product and lines.is_sale
    group by lines.order_id, variants.product_id
)

select
    products.order_id,
    products.product_id,
    orders.customer_id,
    orders.ordered_at,
    cast(products.units as bigint) as units,
    cast(products.gross_sales * orders.fx_rate as decimal(18, 2)) as gross_sales,
    case
        when orders.is_cancelled then orders.cancelled_at
        when products.refunded_units >= products.units then products.refunded_at
    end as returned_at,
    count(*) over (partition by products.order_id) as basket_size
from products
    inner join {{ ref('int_orders_latest') }} as orders
        on products.order_id = orders.order_id
    inner join {{ ref('int_as_of') }} as as_of
        on orders.ordered_at <= as_of.as_of_at
