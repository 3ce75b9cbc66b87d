-- An order that names a tracked cart buys it, also where tracking missed the purchase.
select
    carts.cart_id,
    carts.cart_state,
    orders.order_id
from {{ ref('fct_carts') }} as carts
    inner join {{ ref('fct_orders') }} as orders
        on carts.cart_id = orders.cart_id
where
    not orders.is_test
    and (carts.purchased_at is null or carts.cart_state not in ('purchased', 'abandoned'))
