{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['order_line_id'],
    meta={'redone_by': ['order_id']}
) }}
-- One row per line of a known order: gross sales without tax, and the discounts given on the line
-- itself. Gift cards, test, voided and deleted orders sell nothing.

with

priced as (
    select
        order_lines.order_line_id,
        order_lines.order_id,
        order_lines.product_id,
        coalesce(order_lines.variant_id, order_lines.product_id) as variant_id,
        order_lines.sku,
        order_lines.title,
        order_lines.quantity,
        order_lines.unit_price,
        coalesce(order_lines.is_gift_card, false) as is_gift_card,
        non_products.product_id is null
        and not coalesce(order_lines.is_gift_card, false) as is_product,
        orders.is_sale and not coalesce(order_lines.is_gift_card, false) as is_sale,
        coalesce(order_lines.tax, 0) as tax,
        cast(coalesce(order_lines.discount_allocated, 0) as decimal(18, 2)) as line_discount,
        order_lines.unit_cost,
        cast(
            order_lines.quantity * order_lines.unit_price
            - case when orders.taxes_included then coalesce(order_lines.tax, 0) else 0 end
            as decimal(18, 2)
        ) as line_value
    from {{ redone(ref('int_order_lines_latest')) }} as order_lines
        inner join {{ redone(ref('int_orders_latest')) }} as orders
            on order_lines.order_id = orders.order_id
        left join {{ ref('non_product_ids') }} as non_products
            on order_lines.product_id = non_products.product_id
)

select
    *,
    case when is_sale then line_value else 0 end as gross_sales
from priced
