{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['cart_id', 'activity_number'],
    meta={'redone_by': ['stream_id']}
) }}
-- One row per event of a cart up to its purchase, in its order, with what followed it. A cart is
-- a cart id or else what a person does until a purchase, an emptied cart or a long idle time.

with

funnel_steps as (
    select * from {{ ref('funnel_steps') }}
),

numbered as (
    select
        *,
        count(case
            when not has_cart_id and units_held = 0 and event_name = 'remove_from_cart' then 1
        end) over (
            partition by has_cart_id, stream_id, stretch_number order by stream_number
            rows between unbounded preceding and 1 preceding
        ) as emptied_carts
    from {{ redone(ref('int_cart_activities')) }}
),

named as (
    select
        *,
        coalesce(cart_id, md5(concat(
            'cart of ', stream_id, '|', first_value(event_id) over whole_cart
        ))) as own_cart_id,
        min(case when event_name = 'purchase' then event_at end) over whole_cart as purchased_at
    from numbered
    window whole_cart as (
        partition by has_cart_id, stream_id, stretch_number, emptied_carts order by stream_number
        rows between unbounded preceding and unbounded following
    )
)

select
    named.own_cart_id as cart_id,
    named.stream_id,
    named.event_id,
    named.event_at,
    named.event_name,
    named.visitor_id,
    named.session_start_at,
    named.person_id,
    named.customer_id,
    named.items_hash,
    named.list_number,
    named.units_held,
    named.purchased_at,
    -- To look at a cart is no step of the funnel; to have one takes the first two.
    max(coalesce(funnel_steps.step_number, 2)) over (
        partition by named.own_cart_id order by named.stream_number
    ) as step_number,
    row_number() over (
        partition by named.own_cart_id order by named.stream_number
    ) as activity_number,
    lead(named.event_at) over (
        partition by named.own_cart_id order by named.stream_number
    ) as next_activity_at
from named
    left join funnel_steps
        on named.event_name = funnel_steps.step
where
    named.event_name <> 'purchase'
    and (named.purchased_at is null or named.event_at <= named.purchased_at)
