with

returned as (
    select
        order_line_id,
        sum(quantity) as returned_units,
        sum(amount) as returns
    from {{ ref('int_refunds_latest') }}
    where order_line_id is not null
    group by order_line_id
),

lines as (
    select
        priced.*,
        case
            when priced.is_sale then priced.line_discount + allocated.order_discount else 0
        end as discounts
    from {{ ref('int_order_lines_priced') }} as priced
        inner join {{ ref('int_order_discounts_allocated') }} as allocated
            on priced.order_line_id = allocated.order_line_id
)

select
    lines.order_line_id,
    lines.order_id,
    orders.customer_id,
    orders.ordered_at,
    orders.order_date,
    lines.product_id,
    lines.variant_id,
    lines.sku,
    lines.title,
    lines.quantity,
    lines.unit_price,
    orders.currency,
    cast(lines.gross_sales as decimal(18, 2)) as gross_sales,
    cast(lines.discounts as decimal(18, 2)) as discounts,
    cast(case when lines.is_sale then coalesce(returned.returns, 0) else 0 end as decimal(18, 2))
        as returns,
    cast(
        lines.gross_sales - lines.discounts
        - case when lines.is_sale then coalesce(returned.returns, 0) else 0 end
        as decimal(18, 2)
    ) as net_sales,
    cast(lines.tax as decimal(18, 2)) as tax,
    cast(coalesce(returned.returned_units, 0) as bigint) as returned_units,
    lines.unit_cost,
    lines.is_gift_card,
    lines.is_sale,
    non_products.product_id is null and not lines.is_gift_card as is_product
from lines
    inner join {{ ref('int_orders_latest') }} as orders
        on lines.order_id = orders.order_id
    left join returned
        on lines.order_line_id = returned.order_line_id
    left join {{ ref('non_product_ids') }} as non_products
        on lines.product_id = non_products.product_id
