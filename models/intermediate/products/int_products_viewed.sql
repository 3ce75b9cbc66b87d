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
        and not {{ is_of_robot() }}
),

items as (
    {{ exploded_items('events', ['session_date', 'visitor_id', 'session_start_at']) }}
),

viewed as (
    select
        max(session_date) as session_date,
        visitor_id,
        session_start_at,
        item_id
    from items
    where item_id is not null
    group by visitor_id, session_start_at, item_id
)

select * from viewed
