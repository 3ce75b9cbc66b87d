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

-- Many events of a day say the same of an item: it is hashed once.
hashed as (
    select
        session_date,
        item_id,
        currency,
        price,
        quantity,
        {{ number_of(items_text) }} as item_hash
    from {{ redone(ref('int_cart_events')) }}
    where event_name <> 'purchase'
    group by session_date, item_id, currency, price, quantity
),

events as (
    select
        named.event_id,
        max(named.event_at) as event_at,
        max(named.event_name) as event_name,
        max(named.visitor_id) as visitor_id,
        max(named.user_id) as user_id,
        max(named.session_start_at) as session_start_at,
        max(named.cart_id) as cart_id,
        cast(sum(named.quantity) as bigint) as units,
        bit_xor(hashed.item_hash) as items_hash
    from {{ redone(ref('int_cart_events')) }} as named
        inner join hashed
            on
                named.session_date = hashed.session_date
                and named.item_id = hashed.item_id
                and named.currency is not distinct from hashed.currency
                and named.price is not distinct from hashed.price
                and named.quantity is not distinct from hashed.quantity
    where named.event_name <> 'purchase'
    group by named.event_id
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
