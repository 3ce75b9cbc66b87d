{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['session_date', 'item_id'],
    meta={'redone_by': ['session_date']}
) }}
-- One row per session date and item of an event's items: how often it was seen and put into a cart,
-- robots left out. Items that were only bought are there for their names.

with

-- Most events of a day name the same items as others: they are read once.
events as (
    select
        events.session_date,
        events.items,
        count(case when events.event_name = 'view_item' then 1 end) as views,
        count(case when events.event_name = 'add_to_cart' then 1 end) as add_to_carts
    from {{ redone(ref('int_events_sessionized')) }} as events
    where
        events.event_name in ('view_item', 'add_to_cart', 'purchase')
        and events.items is not null
        and {{ is_of_no_robot() }}
    group by events.session_date, events.items
),

items as (
    {{ exploded_items('events', ['session_date', 'views', 'add_to_carts']) }}
),

counted as (
    select
        session_date,
        item_id,
        max(item_name) as item_name,
        max(item_category) as item_category,
        cast(sum(views) as bigint) as views,
        cast(sum(add_to_carts) as bigint) as add_to_carts
    from items
    where item_id is not null
    group by session_date, item_id
)

select * from counted
