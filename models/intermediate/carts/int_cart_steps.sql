{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['cart_id', 'activity_number'],
    meta={'redone_by': ['stream_id']}
) }}
-- One row per event of a cart up to its purchase, in its order, with the units held after it and
-- what followed. A list of the cart sets the units, an item put in or taken out changes them.
-- A cart is a cart id or else what a person does until a purchase, an emptied cart or a long idle
-- time: a stretch of a stream begins after a purchase or an idle time.
{%- set window = "interval '" ~ var('cart_abandonment_window_hours') ~ "' hour" %}
{%- set cart = "has_cart_id, stream_id, stretch_number, emptied_carts" %}

with

numbered as (
    select
        *,
        row_number() over stream as stream_number,
        lag(event_at) over stream as previous_at,
        lag(event_name) over stream as previous_name,
        count(case when is_list then 1 end) over stream as list_number,
        sum(unit_change) over stream as units_so_far
    from {{ redone(ref('int_cart_activities')) }}
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
),

-- What is taken out though it was never seen to be put in must not count against what follows.
held as (
    select
        *,
        cast(units_so_far - least(units_before, fewest_units) as bigint) as units_held
    from counted
),

emptied as (
    select
        *,
        count(case
            when not has_cart_id and units_held = 0 and event_name = 'remove_from_cart' then 1
        end) over (
            partition by has_cart_id, stream_id, stretch_number order by stream_number
            rows between unbounded preceding and 1 preceding
        ) as emptied_carts
    from held
),

-- To look at a cart is no step of the funnel; to have one takes the first two.
followed as (
    select
        emptied.*,
        coalesce(emptied.cart_id, md5(concat(
            'cart of ', emptied.stream_id, '|', first_value(emptied.event_id) over cart
        ))) as own_cart_id,
        min(case when emptied.event_name = 'purchase' then emptied.event_at end) over (
            partition by {{ cart }}
        ) as purchased_at,
        max(case
            when emptied.event_name <> 'purchase' then coalesce(funnel_steps.step_number, 2)
        end) over cart as step_number,
        count(case when emptied.event_name <> 'purchase' then 1 end) over (
            partition by {{ cart }} order by emptied.stream_number
            rows between unbounded preceding and current row
        ) as activity_number,
        min(case when emptied.event_name <> 'purchase' then emptied.event_at end) over (
            partition by {{ cart }} order by emptied.stream_number
            rows between 1 following and unbounded following
        ) as next_at
    from emptied
        left join {{ ref('funnel_steps') }} as funnel_steps
            on emptied.event_name = funnel_steps.step
    window cart as (
        partition by {{ cart }} order by emptied.stream_number
    )
)

select
    own_cart_id as cart_id,
    stream_id,
    event_id,
    event_at,
    event_name,
    visitor_id,
    session_start_at,
    person_id,
    customer_id,
    items_hash,
    list_number,
    units_held,
    purchased_at,
    step_number,
    activity_number,
    case when next_at <= purchased_at or purchased_at is null then next_at end as next_activity_at
from followed
where event_name <> 'purchase' and (purchased_at is null or event_at <= purchased_at)
