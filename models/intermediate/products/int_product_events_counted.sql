{{ config(materialized='incremental', incremental_strategy='replace_days') }}
-- depends_on: {{ ref('int_session_days') }}
-- One row per session date and item of an event's items: how often it was seen and put into a cart,
-- robots left out. Items that were only bought are there for their names.

with

events as (
    select
        events.session_date,
        events.event_name,
        events.items,
        events.day_version
    from {{ ref('int_events_sessionized') }} as events
        {{ join_human_sessions() }}
    where
        events.event_name in ('view_item', 'add_to_cart', 'purchase')
        and events.items is not null
        {%- if is_incremental() %}
        and events.session_date in ({{ days_to_replace() }})
        {%- endif %}
),

items as (
    {{ exploded_items('events', ['session_date', 'event_name', 'day_version']) }}
),

counted as (
    select
        session_date,
        item_id,
        max(item_name) as item_name,
        max(item_category) as item_category,
        count(case when event_name = 'view_item' then 1 end) as views,
        count(case when event_name = 'add_to_cart' then 1 end) as add_to_carts,
        max(day_version) as day_version,
        '{{ definition_hash(model.name) }}' as definition_hash
    from items
    where item_id is not null
    group by session_date, item_id
)

select * from counted
