{{ config(materialized='view') }}
-- One row per event about a cart, and per purchase, up to the as-of moment, with the units that it
-- puts into the cart or takes out of it, or if it lists the cart, finds there.

select
    event_id,
    event_at,
    event_name,
    visitor_id,
    session_start_at,
    cart_id,
    person_id,
    customer_id,
    items_hash,
    cart_id is not null as has_cart_id,
    stream_id,
    event_name not in ('add_to_cart', 'remove_from_cart') and units is not null as is_list,
    case
        when event_name = 'add_to_cart' then coalesce(units, 1)
        when event_name = 'remove_from_cart' then -coalesce(units, 1)
        else coalesce(units, 0)
    end as unit_change
from {{ ref('int_cart_events_owned') }}
{%- if var('as_of') %}
where event_at <= cast('{{ var("as_of") }}' as timestamp)
{%- endif %}
union all
select
    event_id,
    purchased_at as event_at,
    'purchase' as event_name,
    visitor_id,
    session_start_at,
    cart_id,
    person_id,
    customer_id,
    cast(null as bigint) as items_hash,
    cart_id is not null as has_cart_id,
    stream_id,
    false as is_list,
    0 as unit_change
from {{ ref('int_cart_purchases') }}
where stream_id is not null
