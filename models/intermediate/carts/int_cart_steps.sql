-- One row per event of a cart up to its purchase, in its order, with what followed it. A cart is
-- a cart id or else what a person does until a purchase, an emptied cart or a long idle time.

with

funnel_steps as (
    select * from {{ ref('funnel_steps') }}
),

preceded as (
    select
        *,
        lag(units_held = 0 and event_name = 'remove_from_cart') over (
            partition by has_cart_id, stream_id, stretch_number order by event_at, event_id
        ) as is_after_emptying
    from {{ ref('int_cart_activities') }}
),

numbered as (
    select
        *,
        count(case when not has_cart_id and is_after_emptying then 1 end) over (
            partition by has_cart_id, stream_id, stretch_number order by event_at, event_id
        ) as cart_number
    from preceded
),

named as (
    select
        *,
        coalesce(cart_id, md5(concat('cart of ', stream_id, '|', first_value(event_id) over (
            partition by has_cart_id, stream_id, stretch_number, cart_number
            order by event_at, event_id
        )))) as own_cart_id
    from numbered
),

purchased as (
    select
        own_cart_id,
        min(event_at) as purchased_at
    from named
    where event_name = 'purchase'
    group by own_cart_id
)

select
    named.own_cart_id as cart_id,
    named.event_id,
    named.event_at,
    named.event_name,
    named.visitor_id,
    named.session_start_at,
    named.person_id,
    named.customer_id,
    named.list_number,
    named.units_held,
    purchased.purchased_at,
    -- To look at a cart is no step of the funnel; to have one takes the first two.
    max(coalesce(funnel_steps.step_number, 2)) over (
        partition by named.own_cart_id order by named.event_at, named.event_id
    ) as step_number,
    row_number() over (
        partition by named.own_cart_id order by named.event_at, named.event_id
    ) as activity_number,
    lead(named.event_at) over (
        partition by named.own_cart_id order by named.event_at, named.event_id
    ) as next_activity_at
from named
    left join funnel_steps
        on named.event_name = funnel_steps.step
    left join purchased
        on named.own_cart_id = purchased.own_cart_id
where
    named.event_name <> 'purchase'
    and (purchased.purchased_at is null or named.event_at <= purchased.purchased_at)
