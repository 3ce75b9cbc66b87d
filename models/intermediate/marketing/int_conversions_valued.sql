{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['conversion_id'],
    meta={'redone_by': []}
) }}
-- A conversion is a purchase that tracking saw in a person's session and that counts as a sale.
-- Orders that tracking missed have no session to end at, and robots are nobody. The number stands
-- for the id where rows are many; it never reaches the marts.

select
    {{ number_of('purchases.purchase_id') }} as conversion_number,
    purchases.purchase_id as conversion_id,
    purchases.order_id,
    sourced.person_id,
    sourced.session_id,
    purchases.purchased_at as converted_at,
    {{ store_date('purchases.purchased_at') }} as conversion_date,
    cast(purchases.net_revenue as decimal(18, 2)) as revenue
from {{ ref('int_purchases_valued') }} as purchases
    inner join {{ ref('int_sessions_summarized') }} as sessions
        on
            purchases.visitor_id = sessions.visitor_id
            and purchases.session_start_at = sessions.session_start_at
    inner join {{ ref('int_sessions_sourced') }} as sourced
        on sessions.session_id = sourced.session_id
where purchases.is_sale and not sessions.is_bot
