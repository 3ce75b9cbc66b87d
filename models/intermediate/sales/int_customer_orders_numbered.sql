{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['order_id'],
    meta={'redone_by': ['customer_id']}
) }}
-- One row per sale to a known customer, with its number among the orders of that customer.

select
    order_id,
    customer_id,
    cast(row_number() over (
        partition by customer_id order by ordered_at, order_id
    ) as bigint) as customer_order_number
from {{ redone(ref('int_orders_valued')) }}
where is_sale and customer_id is not null
