{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['visitor_id', 'session_start_at', 'item_id'],
    meta={'redone_by': ['visitor_id', 'session_date']}
) }}
-- One row per session and item that it looked at, robots left out.

with

events as (
    select
        events.session_date,
        events.visitor_id,
        events.session_start_at,
        events.items
    from {{ redone(ref('int_events_sessionized')) }} as events
    where
        events.event_name = 'view_item'
        and events.items is not null
        and {{ is_of_no_robot() }}
),

-- Many events name the same items: their text is read once.
texts as (
    select distinct items
    from {{ redone(ref('int_events_sessionized')) }}
    where event_name = 'view_item' and items is not null
),

items as (
    {{ exploded_items('texts', ['items']) }}
),

viewed as (
    select
        max(events.session_date) as session_date,
        events.visitor_id,
        events.session_start_at,
        items.item_id
    from events
        inner join items
            on events.items = items.items
    where items.item_id is not null
    group by events.visitor_id, events.session_start_at, items.item_id
)

select * from viewed
