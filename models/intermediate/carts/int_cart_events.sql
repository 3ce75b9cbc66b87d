{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['event_id', 'item_id'],
    meta={'redone_by': ['visitor_id', 'session_date']}
) }}
-- One row per event about a cart and item that it names, robots left out; an event that names no
-- item has one row with item_id (none). An event without a cart id is about the cart that its
-- session named last: trackers often name it only where items are put in. Incremental because it is
-- cut from all events.
{%- set session = ['events.session_start_at', 'events.visitor_id'] %}
{%- set order = ['events.event_at', 'events.event_id'] %}
{%- set names %}
(
    'add_to_cart', 'remove_from_cart', 'view_cart', 'begin_checkout', 'add_shipping_info',
    'add_payment_info', 'purchase', {{ sql_list(var('payment_error_events')) }}
)
{%- endset %}

with

-- Many events name the same items: their text is read once, and a number is sorted in its place.
texts as (
    select
        items,
        row_number() over (order by items) as text_number
    from {{ redone(ref('int_events_sessionized')) }}
    where event_name in {{ names }} and items is not null
    group by items
),

exploded as (
    {{ exploded_items('texts', ['text_number']) }}
),

items as (
    select
        text_number,
        item_id,
        max(price) as price,
        cast(sum(greatest(quantity, 0)) as bigint) as quantity
    from exploded
    where item_id is not null
    group by text_number, item_id
),

carried as (
    select
        events.session_date,
        events.visitor_id,
        events.session_start_at,
        events.event_id,
        events.event_at,
        events.event_name,
        events.user_id,
        {{ last_known('events.cart_id', session, order) }} as cart_id,
        events.transaction_id,
        events.currency,
        texts.text_number
    from {{ redone(ref('int_events_sessionized')) }} as events
        left join texts
            on events.items = texts.items
    where
        events.event_name in {{ names }}
        and {{ is_of_no_robot() }}
)

select
    carried.session_date,
    carried.visitor_id,
    carried.session_start_at,
    carried.event_id,
    carried.event_at,
    carried.event_name,
    carried.user_id,
    carried.cart_id,
    carried.transaction_id,
    carried.currency,
    coalesce(items.item_id, '(none)') as item_id,
    items.price,
    items.quantity
from carried
    left join items
        on carried.text_number = items.text_number
