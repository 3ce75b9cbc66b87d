{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['event_id', 'item_id'],
    meta={'redone_by': ['visitor_id', 'session_date']}
) }}
-- One row per event about a cart and item that it names, robots left out; an event that names no
-- item has one row with item_id (none). An event without a cart id is about the cart that its
-- session named last: trackers often name it only where items are put in. Incremental because it is
-- cut from all events.
{%- set session = ['session_start_at', 'visitor_id'] %}

with

events as (
    select
        events.session_date,
        events.visitor_id,
        events.session_start_at,
        events.event_id,
        events.event_at,
        events.event_name,
        events.user_id,
        events.cart_id,
        events.transaction_id,
        events.currency,
        events.items
    from {{ redone(ref('int_events_sessionized')) }} as events
    where
        events.event_name in (
            'add_to_cart', 'remove_from_cart', 'view_cart', 'begin_checkout', 'add_shipping_info',
            'add_payment_info', 'purchase', {{ sql_list(var('payment_error_events')) }}
        )
        and not {{ is_of_robot() }}
),

-- Without the items, which are too long to be sorted along.
carried as (
    select
        session_date,
        visitor_id,
        session_start_at,
        event_id,
        event_at,
        event_name,
        user_id,
        {{ last_known('cart_id', session, ['event_at', 'event_id']) }} as cart_id,
        transaction_id,
        currency
    from events
),

exploded as (
    {{ exploded_items('events', ['event_id']) }}
),

items as (
    select
        event_id,
        item_id,
        max(price) as price,
        cast(sum(greatest(quantity, 0)) as bigint) as quantity
    from exploded
    where item_id is not null
    group by event_id, item_id
)

select
    carried.*,
    coalesce(items.item_id, '(none)') as item_id,
    items.price,
    items.quantity
from carried
    left join items
        on carried.event_id = items.event_id
