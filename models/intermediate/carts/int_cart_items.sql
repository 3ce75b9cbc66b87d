{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['cart_id', 'item_id'],
    meta={'redone_by': ['cart_id']}
) }}
-- One row per cart and item that it held when it was left, or else at its last activity, priced as
-- its last event did.

with

item_events as (
    select
        steps.cart_id,
        steps.event_at,
        steps.event_id,
        steps.list_number = carts.last_list_number as is_of_last_list,
        events.session_date,
        events.item_id,
        events.price,
        events.currency,
        case
            when events.event_name = 'remove_from_cart' then -events.quantity
            else events.quantity
        end as unit_change
    from {{ redone(ref('int_cart_steps')) }} as steps
        inner join {{ redone(ref('int_carts_judged')) }} as carts
            on
                steps.cart_id = carts.cart_id
                and steps.event_at <= carts.judged_at
        inner join {{ ref('int_cart_events') }} as events
            on steps.event_id = events.event_id
    where events.item_id <> '(none)'
),

held as (
    select
        cart_id,
        item_id,
        min(event_at) as first_added_at,
        cast(sum(
            case when is_of_last_list then unit_change else 0 end
        ) as bigint) as quantity
    from item_events
    group by cart_id, item_id
),

prices as (
    select
        *,
        row_number() over (
            partition by cart_id, item_id order by event_at desc, event_id desc
        ) as price_rank
    from item_events
    where price is not null
)

select
    held.cart_id,
    held.item_id,
    held.first_added_at,
    held.quantity,
    prices.price,
    prices.currency,
    prices.session_date as priced_on
from held
    left join prices
        on
            held.cart_id = prices.cart_id
            and held.item_id = prices.item_id
            and prices.price_rank = 1
where held.quantity > 0
