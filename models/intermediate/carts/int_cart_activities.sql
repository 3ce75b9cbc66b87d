-- One row per event about a cart, and per purchase, with the units that the cart holds after it,
-- up to the as-of moment.
-- A list of the cart sets them, an item put in or taken out changes them. A stream is the events of
-- one cart id or, without one, of one person; a stretch of it begins after a purchase or a long
-- idle time of a person.
{%- set window = "interval '" ~ var('cart_abandonment_window_hours') ~ "' hour" %}

with

-- All that an event says but its items is the same in each of its rows.
events as (
    select
        events.event_id,
        max(events.event_at) as event_at,
        max(events.event_name) as event_name,
        max(events.visitor_id) as visitor_id,
        max(events.session_start_at) as session_start_at,
        max(events.cart_id) as cart_id,
        max(coalesce(
            'customer:' || visitors.customer_id, 'visitor:' || events.visitor_id
        )) as person_id,
        max(coalesce(events.user_id, visitors.customer_id)) as customer_id,
        cast(sum(events.quantity) as bigint) as units
    from {{ ref('int_cart_events') }} as events
        left join {{ ref('int_visitors_identified') }} as visitors
            on events.visitor_id = visitors.visitor_id
        cross join {{ ref('int_as_of') }} as as_of
    where events.event_name <> 'purchase' and events.event_at <= as_of.as_of_at
    group by events.event_id
),

activities as (
    select
        *,
        cart_id is not null as has_cart_id,
        coalesce(cart_id, person_id) as stream_id,
        event_name not in ('add_to_cart', 'remove_from_cart') and units is not null as is_list,
        case
            when event_name = 'add_to_cart' then coalesce(units, 1)
            when event_name = 'remove_from_cart' then -coalesce(units, 1)
            else coalesce(units, 0)
        end as unit_change
    from events
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
        cast(null as bigint) as units,
        cart_id is not null as has_cart_id,
        coalesce(cart_id, person_id) as stream_id,
        false as is_list,
        0 as unit_change
    from {{ ref('int_cart_purchases') }}
    where coalesce(cart_id, person_id) is not null
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
    has_cart_id,
    stream_id,
    stream_number,
    stretch_number,
    list_number,
    cast(units_so_far - least(units_before, fewest_units) as bigint) as units_held
from counted
