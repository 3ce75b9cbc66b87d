{{ config(materialized='incremental', incremental_strategy='replace_days') }}
-- depends_on: {{ ref('int_session_days') }}
-- One row per event about a cart and item that it names, robots left out; an event that names no
-- item has one row with item_id (none). An event without a cart id is about the cart that its
-- session named last: trackers often name it only where items are put in. Incremental because it is
-- cut from all events.

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
        events.cart_id as named_cart_id,
        count(events.cart_id) over (
            partition by events.session_date, events.visitor_id, events.session_start_at
            order by events.event_at, events.event_id
        ) as cart_id_number,
        events.transaction_id,
        events.currency,
        events.items,
        events.day_version
    from {{ ref('int_events_sessionized') }} as events
        {{ join_human_sessions() }}
    where
        events.event_name in (
            'add_to_cart', 'remove_from_cart', 'view_cart', 'begin_checkout', 'add_shipping_info',
            'add_payment_info', 'purchase', {{ sql_list(var('payment_error_events')) }}
        )
        {%- if is_incremental() %}
        and events.session_date in ({{ days_to_replace() }})
        {%- endif %}
),

carried as (
    select
        *,
        max(named_cart_id) over (
            partition by session_date, visitor_id, session_start_at, cart_id_number
        ) as cart_id
    from events
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
        items.quantity,
        carried.day_version,
        '{{ definition_hash(model.name) }}' as definition_hash
    from carried
        left join items
            on
                carried.session_date = items.session_date
                and carried.event_id = items.event_id
)

select * from named
