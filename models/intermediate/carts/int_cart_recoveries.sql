-- One row per time that a cart was left and recovered: the cart was bought, or its person bought
-- one of its items, within the window after leaving it.
{%- set window = "interval '" ~ var('cart_recovery_window_days') ~ "' day" %}

with

spells as (
    select
        spells.cart_id,
        spells.activity_number,
        spells.left_at,
        carts.person_id,
        carts.purchased_at
    from {{ ref('int_cart_spells') }} as spells
        inner join {{ ref('int_carts_judged') }} as carts
            on spells.cart_id = carts.cart_id
),

-- An order may be known by its lines, its event, or both.
bought as (
    select
        purchases.person_id,
        purchases.purchased_at,
        lines.variant_id as item_id
    from {{ ref('int_cart_purchases') }} as purchases
        inner join {{ ref('int_order_lines_priced') }} as lines
            on purchases.order_id = lines.order_id
    union
    select
        purchases.person_id,
        purchases.purchased_at,
        events.item_id
    from {{ ref('int_cart_purchases') }} as purchases
        inner join {{ ref('int_cart_events') }} as events
            on purchases.event_id = events.event_id
    where events.item_id <> '(none)'
),

recovering as (
    select
        cart_id,
        activity_number,
        left_at,
        purchased_at
    from spells
    where purchased_at is not null
    union all
    select
        spells.cart_id,
        spells.activity_number,
        spells.left_at,
        bought.purchased_at
    from spells
        inner join {{ ref('int_cart_items') }} as items
            on spells.cart_id = items.cart_id
        inner join bought
            on
                spells.person_id = bought.person_id
                and items.item_id = bought.item_id
    where bought.purchased_at > spells.left_at
)

select
    cart_id,
    activity_number,
    left_at,
    min(purchased_at) as recovered_at
from recovering
where purchased_at <= left_at + {{ window }}
group by cart_id, activity_number, left_at
