{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['event_id'],
    meta={'redone_by': []}
) }}
-- One row per purchase up to the as-of moment, by its first tracked event, else by its order: the
-- event's time is told by the same clock as the events before it. Test orders are none. An order's
-- cart id counts where an event names it too: many shops give orders one that tracking never sees.

with

orders as (
    {{ orders_by_transaction('int_orders_latest') }}
),

events as (
    select distinct
        event_id,
        event_at,
        visitor_id,
        session_start_at,
        cart_id,
        transaction_id
    from {{ ref('int_cart_events') }}
    where event_name = 'purchase'
),

tracked_carts as (
    select distinct events.cart_id
    from {{ ref('int_cart_events') }} as events
        cross join {{ ref('int_as_of') }} as as_of
    where events.cart_id is not null and events.event_at <= as_of.as_of_at
),

ranked as (
    select
        *,
        row_number() over (
            partition by coalesce(transaction_id, event_id) order by event_at, event_id
        ) as copy_number
    from events
),

tracked as (
    select
        ranked.event_id,
        case when ranked.transaction_id = orders.order_id then orders.order_id end as order_id,
        ranked.event_at as purchased_at,
        ranked.visitor_id,
        ranked.session_start_at,
        case
            when ranked.transaction_id = orders.order_id then orders.customer_id
        end as customer_id,
        case
            when {{ is_withheld('ranked.visitor_id') }} then ranked.cart_id
            else coalesce(tracked_carts.cart_id, ranked.cart_id)
        end as cart_id
    from ranked
        left join orders
            on ranked.transaction_id = orders.transaction_id
        left join tracked_carts
            on orders.cart_id = tracked_carts.cart_id
    where ranked.copy_number = 1 and not coalesce(orders.is_test, false)
),

seen as (
    select orders.order_id
    from ranked
        inner join orders
            on ranked.transaction_id = orders.transaction_id
),

untracked as (
    select
        concat('order ', orders.order_id) as event_id,
        orders.order_id,
        orders.ordered_at as purchased_at,
        orders.visitor_id,
        cast(null as timestamp) as session_start_at,
        orders.customer_id,
        tracked_carts.cart_id
    from {{ ref('int_orders_latest') }} as orders
        left join tracked_carts
            on orders.cart_id = tracked_carts.cart_id
    where
        not orders.is_test
        and {{ not_among(['orders.order_id'], 'select seen.order_id from seen') }}
),

purchases as (
    select * from tracked
    union all
    select * from untracked
)

select
    purchases.*,
    coalesce(
        'customer:' || visitors.customer_id,
        'visitor:' || purchases.visitor_id,
        'customer:' || purchases.customer_id
    ) as person_id,
    coalesce(
        purchases.cart_id,
        'customer:' || visitors.customer_id,
        'visitor:' || purchases.visitor_id,
        'customer:' || purchases.customer_id
    ) as stream_id
from purchases
    cross join {{ ref('int_as_of') }} as as_of
    left join {{ ref('int_visitors_identified') }} as visitors
        on purchases.visitor_id = visitors.visitor_id
where purchases.purchased_at <= as_of.as_of_at
