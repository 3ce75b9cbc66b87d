-- An order that names a tracked cart buys it, also where tracking missed the purchase.
select
    carts.cart_id,
    carts.cart_state,
    orders.order_id
from {{ ref('fct_carts') }} as carts
    inner join {{ ref('fct_orders') }} as orders
        on carts.cart_id = orders.cart_id
    cross join {{ ref('int_as_of') }} as as_of
where
    not orders.is_test
    and orders.ordered_at <= as_of.as_of_at
    and (carts.purchased_at is null or carts.cart_state not in ('purchased', 'abandoned'))
