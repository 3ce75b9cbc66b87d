{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['purchase_id'],
    meta={'redone_by': []}
) }}
-- Who bought is said by the order, and found by the visitor whose purchase tracking saw: so both a
-- changed order and a changed purchase are changes of that visitor.

select
    purchases.purchase_id,
    purchases.visitor_id,
    purchases.session_start_at,
    purchases.purchased_at,
    orders.order_id,
    orders.customer_id,
    orders.email_hash,
    orders.is_test
from {{ ref('int_purchases_tracked') }} as purchases
    inner join {{ ref('int_orders_latest') }} as orders
        on purchases.transaction_id = orders.order_id
