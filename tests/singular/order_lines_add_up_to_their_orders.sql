-- Returns are compared where every refund of the order names a line of it; of an order that was
-- refunded and then cancelled, a line may have been given back more than it cost.
with

lines as (
    select
        order_id,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(returns) as returns,
        sum(case when is_sale then quantity else 0 end) as units
    from {{ ref('fct_order_lines') }}
    group by order_id
),

refunds as (
    select
        order_id,
        count(*) - count(variant_id) as unassigned
    from {{ ref('fct_refunds') }}
    group by order_id
)

select
    orders.order_id,
    orders.gross_sales,
    lines.gross_sales as line_gross_sales,
    orders.discounts,
    lines.discounts as line_discounts,
    orders.returns,
    lines.returns as line_returns
from {{ ref('fct_orders') }} as orders
    inner join lines
        on orders.order_id = lines.order_id
    left join refunds
        on orders.order_id = refunds.order_id
where
    orders.gross_sales <> lines.gross_sales
    or orders.discounts <> lines.discounts
    or orders.units <> lines.units
    or (
        orders.returns <> lines.returns
        and coalesce(refunds.unassigned, 0) = 0
        and (not orders.is_cancelled or refunds.order_id is null)
    )
