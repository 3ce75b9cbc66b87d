{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['cart_id'],
    meta={'redone_by': ['cart_id']}
) }}
-- One row per cart that held an item, with its state at the as-of moment. Once left for longer than
-- the window a cart stays abandoned, also when it is bought later; only emptying it undoes that.

with

left_carts as (
    select
        cart_id,
        max(left_at) as left_at
    from {{ redone(ref('int_cart_spells')) }}
    group by cart_id
),

carts as (
    select
        cart_id,
        max(case when activity_number = 1 then visitor_id end) as visitor_id,
        max(case when activity_number = 1 then session_start_at end) as session_start_at,
        max(case when activity_number = 1 then person_id end) as person_id,
        case when min(customer_id) = max(customer_id) then min(customer_id) end as customer_id,
        min(case when units_held > 0 then event_at end) as started_at,
        max(event_at) as last_activity_at,
        max(case when next_activity_at is null then units_held end) as units_at_end,
        max(purchased_at) as purchased_at
    from {{ redone(ref('int_cart_steps')) }}
    group by cart_id
),

stated as (
    select
        carts.*,
        left_carts.left_at,
        case
            when carts.purchased_at is null and carts.units_at_end = 0 then 'emptied'
            when left_carts.left_at is not null then 'abandoned'
            when carts.purchased_at is not null then 'purchased'
            else 'open'
        end as cart_state
    from carts
        left join left_carts
            on carts.cart_id = left_carts.cart_id
    where carts.started_at is not null
),

-- What is judged is an abandoned cart as it was when it was left, any other as it is at the end.
seen as (
    select
        *,
        case when cart_state = 'abandoned' then left_at else last_activity_at end as judged_at
    from stated
),

contents as (
    select
        seen.cart_id,
        max_by(steps.units_held, steps.activity_number) as item_count,
        max(steps.list_number) as last_list_number,
        max(steps.step_number) as step_number,
        bool_or(
            steps.event_name in ({{ sql_list(var('payment_error_events')) }})
        ) as has_payment_error
    from seen
        inner join {{ redone(ref('int_cart_steps')) }} as steps
            on
                seen.cart_id = steps.cart_id
                and seen.judged_at >= steps.event_at
    group by seen.cart_id
)

select
    seen.cart_id,
    seen.visitor_id,
    seen.session_start_at,
    seen.person_id,
    seen.customer_id,
    seen.started_at,
    seen.last_activity_at,
    seen.purchased_at,
    seen.judged_at,
    contents.item_count,
    contents.last_list_number,
    contents.has_payment_error,
    seen.cart_state,
    contents.step_number
from seen
    inner join contents
        on seen.cart_id = contents.cart_id
