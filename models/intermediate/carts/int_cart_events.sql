{{ config(materialized='incremental', incremental_strategy='replace_days') }}
-- depends_on: {{ ref('int_session_days') }}
-- One row per event about a cart and item that it names, robots left out; an event that names no
-- item has one row with item_id (none). Incremental because it is cut from all events.

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
        events.items,
        events.day_version
    from {{ ref('int_events_sessionized') }} as events
        inner join {{ ref('int_sessions_summarized') }} as sessions
            on
                events.session_date = sessions.session_date
                and events.visitor_id = sessions.visitor_id
                and events.session_start_at = sessions.session_start_at
    where
        events.event_name in (
            'add_to_cart', 'remove_from_cart', 'view_cart', 'begin_checkout', 'add_shipping_info',
            'add_payment_info', 'purchase', {{ sql_list(var('payment_error_events')) }}
        )
        and not sessions.is_bot
        {%- if is_incremental() %}
        and events.session_date in ({{ days_to_replace() }})
        {%- endif %}
),

exploded as (
    {{ exploded_items('events', ['session_date', 'event_id']) }}
),

items as (
    select
        session_date,
        event_id,
        item_id,
        max(price) as price,
        cast(sum(greatest(quantity, 0)) as bigint) as quantity
    from exploded
    where item_id is not null
    group by session_date, event_id, item_id
),

named as (
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
        coalesce(items.item_id, '(none)') as item_id,
        items.price,
        items.quantity,
        events.day_version,
        '{{ definition_hash(model.name) }}' as definition_hash
    from events
        left join items
            on
                events.session_date = items.session_date
                and events.event_id = items.event_id
)

select * from named
