-- A conversion is a purchase that tracking saw in a person's session and that counts as a sale.
-- Orders that tracking missed have no session to end at, and robots are nobody.

select
    purchases.purchase_id as conversion_id,
    purchases.order_id,
    touches.person_id,
    touches.session_id,
    purchases.purchased_at as converted_at,
    {{ store_date('purchases.purchased_at') }} as conversion_date,
    cast(purchases.net_revenue as decimal(18, 2)) as revenue
from {{ ref('int_purchases_valued') }} as purchases
    inner join {{ ref('int_touchpoints_sourced') }} as touches
        on
            purchases.visitor_id = touches.visitor_id
            and purchases.session_start_at = touches.session_start_at
where purchases.is_sale
