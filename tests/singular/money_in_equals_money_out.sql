-- The postings of an order add up to its total sales; those of an order that never landed, to what
-- its refunds gave back.
with

postings as (
    select
        order_id,
        sum(amount) as posted
    from {{ ref('fct_sales_ledger') }}
    group by order_id
),

expected as (
    select
        order_id,
        total_sales as amount
    from {{ ref('fct_orders') }}
    union all
    select
        order_id,
        -sum(returns + tax + shipping) as amount
    from {{ ref('fct_refunds') }}
    where not is_order_known
    group by order_id
)

select
    coalesce(postings.order_id, expected.order_id) as order_id,
    postings.posted,
    expected.amount
from postings
    full outer join expected
        on postings.order_id = expected.order_id
where coalesce(postings.posted, 0) <> coalesce(expected.amount, 0)
