{{ config(materialized='incremental', incremental_strategy='replace_days') }}
-- depends_on: {{ ref('int_session_days') }}
-- One row per session and item that it looked at, robots left out.
{%- set of_the_event = ['session_date', 'visitor_id', 'session_start_at', 'day_version'] %}

with

events as (
    select
        events.session_date,
        events.visitor_id,
        events.session_start_at,
        events.items,
        events.day_version
    from {{ ref('int_events_sessionized') }} as events
        {{ join_human_sessions() }}
    where
        events.event_name = 'view_item'
        and events.items is not null
        {%- if is_incremental() %}
        and events.session_date in ({{ days_to_replace() }})
        {%- endif %}
),

items as (
    {{ exploded_items('events', of_the_event) }}
),

viewed as (
    select
        session_date,
        visitor_id,
        session_start_at,
        item_id,
        max(day_version) as day_version,
        '{{ definition_hash(model.name) }}' as definition_hash
    from items
    where item_id is not null
    group by session_date, visitor_id, session_start_at, item_id
)

select * from viewed
