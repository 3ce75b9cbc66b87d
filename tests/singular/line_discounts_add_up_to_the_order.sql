-- To the penny: what lines were given, their own and their share, is what the order states, unless
-- the lines alone were given more.
with

lines as (
    select
        priced.order_id,
        sum(priced.line_discount) as line_discount,
        sum(priced.line_discount + allocated.order_discount) as allocated
    from {{ ref('int_order_lines_priced') }} as priced
        inner join {{ ref('int_order_discounts_allocated') }} as allocated
            on priced.order_line_id = allocated.order_line_id
    group by priced.order_id
)

select
    lines.order_id,
    lines.allocated,
    orders.discount_total
from lines
    inner join {{ ref('int_orders_latest') }} as orders
        on lines.order_id = orders.order_id
where
    abs(lines.allocated - greatest(coalesce(orders.discount_total, 0), lines.line_discount))
    >= 0.01
