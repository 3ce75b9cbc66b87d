{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['cart_id', 'activity_number'],
    meta={'redone_by': ['stream_id']}
) }}
-- One row per event of a cart up to its purchase, in its order, with the units held after it and
-- what followed. A list of the cart sets the units, an item put in or taken out changes them.
-- A cart is a cart id or else what a person does until a purchase, an emptied cart or a long idle
-- time: only streams without an id are cut, as each cut is a sort.
{%- set attributes = [
    'has_cart_id', 'stream_id', 'cart_id', 'event_id', 'event_at', 'event_name', 'visitor_id',
    'session_start_at', 'person_id', 'customer_id', 'items_hash', 'is_list', 'unit_change',
] %}

with

{{ streams_cut(redone(ref('int_cart_activities'))) }},

carts as (
    select
        {{ attributes | join(', ') }},
        0 as cart_number
    from {{ redone(ref('int_cart_activities')) }}
    where has_cart_id
    union all
    select
        {{ attributes | join(', ') }},
        cart_number
    from cut
),

-- To look at a cart is no step of the funnel; to have one takes the first two.
followed as (
    select
        carts.*,
        coalesce(carts.cart_id, md5(concat(
            'cart of ', carts.stream_id, '|', first_value(carts.event_id) over cart
        ))) as own_cart_id,
        row_number() over cart as cart_event_number,
        count(case when carts.is_list then 1 end) over cart as list_number,
        cast(sum(carts.unit_change) over cart as bigint) as units_so_far,
        min(case when carts.event_name = 'purchase' then carts.event_at end) over (
            partition by carts.has_cart_id, carts.stream_id, carts.cart_number
        ) as purchased_at,
        max(case
            when carts.event_name <> 'purchase' then coalesce(funnel_steps.step_number, 2)
        end) over cart as step_number,
        count(case when carts.event_name <> 'purchase' then 1 end) over cart as activity_number,
        min(case when carts.event_name <> 'purchase' then carts.event_at end) over (
            partition by carts.has_cart_id, carts.stream_id, carts.cart_number
            order by carts.event_at, carts.event_id
            rows between 1 following and unbounded following
        ) as next_at
    from carts
        left join {{ ref('funnel_steps') }} as funnel_steps
            on carts.event_name = funnel_steps.step
    window cart as (
        partition by carts.has_cart_id, carts.stream_id, carts.cart_number
        order by carts.event_at, carts.event_id
    )
),

counted as (
    select
        *,
        {{ units_held('units_so_far', 'unit_change', 'since_list') }} as units_held
    from followed
    window since_list as (
        partition by has_cart_id, stream_id, cart_number, list_number
        order by cart_event_number
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
from counted
where event_name <> 'purchase' and (purchased_at is null or event_at <= purchased_at)
