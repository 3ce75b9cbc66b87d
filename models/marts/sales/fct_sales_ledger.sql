-- Every movement of money on its own day: a sale on the day of the order, a return on the day of the
-- refund, a cancellation as a return on the day of cancelling.

with

orders as (
    select * from {{ ref('int_orders_valued') }} where is_sale
),

refunds as (
    select refunds.*
    from {{ ref('int_refunds_latest') }} as refunds
        left join {{ ref('int_orders_latest') }} as known
            on refunds.order_id = known.order_id
    where coalesce(known.is_sale, true)
),

postings as (
    select order_id as document_id, order_id, customer_id, order_date as posting_date,
        'gross_sales' as posting_kind, currency, fx_rate, gross_sales as amount
    from orders
    union all
    select order_id, order_id, customer_id, order_date,
        'discount', currency, fx_rate, -discounts
    from orders
    union all
    select order_id, order_id, customer_id, order_date,
        'tax', currency, fx_rate, tax_charged
    from orders
    union all
    select order_id, order_id, customer_id, order_date,
        'shipping', currency, fx_rate, shipping_charged
    from orders
    union all
    select concat(order_id, ':cancelled'), order_id, customer_id, cancelled_date,
        'return', currency, fx_rate, -cancelled_value
    from orders
    union all
    select concat(order_id, ':cancelled'), order_id, customer_id, cancelled_date,
        'tax_return', currency, fx_rate, -cancelled_tax
    from orders
    union all
    select concat(order_id, ':cancelled'), order_id, customer_id, cancelled_date,
        'shipping_return', currency, fx_rate, -cancelled_shipping
    from orders
    union all
    select concat('refund:', refund_line_id), order_id, customer_id, refund_date,
        'return', currency, fx_rate, case when is_sale then -amount else 0 end
    from refunds
    union all
    select concat('refund:', refund_line_id), order_id, customer_id, refund_date,
        'tax_return', currency, fx_rate, -tax
    from refunds
    union all
    select concat('refund:', refund_line_id), order_id, customer_id, refund_date,
        'shipping_return', currency, fx_rate, -shipping
    from refunds
)

select
    concat(document_id, ':', posting_kind) as posting_id,
    posting_date,
    posting_kind,
    order_id,
    customer_id,
    currency,
    cast(amount as decimal(18, 2)) as amount,
    cast(amount * fx_rate as decimal(18, 2)) as amount_reporting
from postings
where amount <> 0
