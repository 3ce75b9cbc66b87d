{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['event_id'],
    meta={'redone_by': ['visitor_id']}
) }}
-- One row per event about a cart, purchases left out, with the person behind it and its stream:
-- that of its cart id or, without one, of its person. All that an event says but its items is the
-- same in each of its rows; what it says of these is there as a hash, so that carts are redone.
{%- set items_text %}
concat(
    session_date, '|', item_id, '|', coalesce(currency, ''),
    '|', coalesce(cast(price as {{ dbt.type_string() }}), ''),
    '|', coalesce(cast(quantity as {{ dbt.type_string() }}), '')
)
{%- endset %}

with

events as (
    select
        event_id,
        max(event_at) as event_at,
        max(event_name) as event_name,
        max(visitor_id) as visitor_id,
        max(user_id) as user_id,
        max(session_start_at) as session_start_at,
        max(cart_id) as cart_id,
        cast(sum(quantity) as bigint) as units,
        bit_xor({{ number_of(items_text) }}) as items_hash
    from {{ redone(ref('int_cart_events')) }}
    where event_name <> 'purchase'
    group by event_id
),

owned as (
    select
        events.*,
        coalesce(
            'customer:' || visitors.customer_id, 'visitor:' || events.visitor_id
        ) as person_id,
        coalesce(events.user_id, visitors.customer_id) as customer_id
    from events
        left join {{ redone(ref('int_visitors_identified')) }} as visitors
            on events.visitor_id = visitors.visitor_id
)

select
    *,
    coalesce(cart_id, person_id) as stream_id
from owned
