-- One row per visitor with the customer behind it, where exactly one customer was ever seen: by
-- user id, by the visitor of an order, or by the order of a purchase. A device that several
-- customers share stays unresolved.

with

links as (
    select
        visitor_id,
        first_user_id as customer_id
    from {{ ref('int_sessions_summarized') }}
    union all
    select
        visitor_id,
        last_user_id as customer_id
    from {{ ref('int_sessions_summarized') }}
    union all
    select
        visitor_id,
        customer_id
    from {{ ref('int_orders_latest') }}
    union all
    select
        purchases.visitor_id,
        orders.customer_id
    from {{ ref('int_purchases_tracked') }} as purchases
        inner join {{ ref('int_orders_latest') }} as orders
            on purchases.transaction_id = orders.order_id
)

select
    visitor_id,
    case when min(customer_id) = max(customer_id) then min(customer_id) end as customer_id,
    coalesce(min(customer_id) <> max(customer_id), false) as is_shared
from links
where visitor_id is not null
group by visitor_id
