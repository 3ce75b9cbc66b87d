-- One row per abandoned cart with the likely reason: the first that the data bears out of an item
-- out of stock, a payment that failed or was asked for, shipping that was shown, and a price that
-- rose or that a competitor undercut.

with

carts as (
    select
        *,
        {{ store_date('judged_at') }} as judged_date
    from {{ ref('int_carts_judged') }}
    where cart_state = 'abandoned'
),

items as (
    select
        items.cart_id,
        items.item_id,
        items.first_added_at,
        carts.judged_at,
        carts.judged_date
    from {{ ref('int_cart_items') }} as items
        inner join carts
            on items.cart_id = carts.cart_id
),

out_of_stock as (
    select distinct items.cart_id
    from items
        inner join {{ ref('int_variant_stock_counted') }} as stock
            on
                items.item_id = stock.variant_id
                and items.judged_date = stock.snapshot_date
    where stock.on_hand <= 0
),

price_versions as (
    {{ latest_rows('stg_shop__product_prices', ['variant_id', 'valid_from']) }}
),

prices as (
    select
        variant_id,
        valid_from,
        lead(valid_from) over (partition by variant_id order by valid_from) as valid_to,
        price,
        competitor_price
    from price_versions
),

overpriced as (
    select distinct items.cart_id
    from items
        inner join prices as price_now
            on
                items.item_id = price_now.variant_id
                and items.judged_at >= price_now.valid_from
                and (price_now.valid_to is null or items.judged_at < price_now.valid_to)
        left join prices as price_then
            on
                items.item_id = price_then.variant_id
                and items.first_added_at >= price_then.valid_from
                and (price_then.valid_to is null or items.first_added_at < price_then.valid_to)
    where
        price_now.price > price_then.price
        or price_now.competitor_price < price_now.price
),

reached as (
    select
        carts.cart_id,
        carts.has_payment_error,
        funnel_steps.step
    from carts
        inner join {{ ref('funnel_steps') }} as funnel_steps
            on carts.step_number = funnel_steps.step_number
)

select
    reached.cart_id,
    case
        when out_of_stock.cart_id is not null then 'out_of_stock'
        when reached.has_payment_error or reached.step = 'add_payment_info' then 'payment'
        when reached.step = 'add_shipping_info' then 'shipping_cost'
        when overpriced.cart_id is not null then 'price'
        else 'unknown'
    end as abandonment_reason
from reached
    left join out_of_stock
        on reached.cart_id = out_of_stock.cart_id
    left join overpriced
        on reached.cart_id = overpriced.cart_id
