{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['event_id'],
    meta={'redone_by': ['stream_id']}
) }}
-- One row per event about a cart, and per purchase, with the units that the cart holds after it,
-- up to the as-of moment.
-- A list of the cart sets them, an item put in or taken out changes them. A stretch of a stream
-- begins after a purchase or a long idle time of a person.
{%- set window = "interval '" ~ var('cart_abandonment_window_hours') ~ "' hour" %}

with

activities as (
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
    from {{ redone(ref('int_cart_events_owned')) }}
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
        null as items_hash,
        cart_id is not null as has_cart_id,
        stream_id,
        false as is_list,
        0 as unit_change
    from {{ redone(ref('int_cart_purchases')) }}
    where stream_id is not null
),

numbered as (
    select
        *,
        row_number() over stream as stream_number,
        lag(event_at) over stream as previous_at,
        lag(event_name) over stream as previous_name,
        count(case when is_list then 1 end) over stream as list_number,
        sum(unit_change) over stream as units_so_far
    from activities
    window stream as (partition by has_cart_id, stream_id order by event_at, event_id)
),

stretches as (
    select
        *,
        count(case
            when
                not has_cart_id
                and (previous_name = 'purchase' or event_at > previous_at + {{ window }})
                then 1
        end) over (
            partition by has_cart_id, stream_id order by stream_number
        ) as stretch_number
    from numbered
),

counted as (
    select
        *,
        first_value(units_so_far - unit_change) over since_list as units_before,
        min(units_so_far) over since_list as fewest_units
    from stretches
    window since_list as (
        partition by has_cart_id, stream_id, stretch_number, list_number order by stream_number
    )
)

-- What is taken out though it was never seen to be put in must not count against what follows.
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
    has_cart_id,
    stream_id,
    stream_number,
    stretch_number,
    list_number,
    cast(units_so_far - least(units_before, fewest_units) as bigint) as units_held
from counted
