-- Which identifiers were seen together in one row of the data: a session, an order, a purchase that
-- tracking saw, a customer's account.

with

-- A session whose users are two gives a row for each of them.
logins as (
    select
        visitor_id,
        first_user_id as customer_id,
        session_start_at
    from {{ ref('int_sessions_summarized') }}
    union all
    select
        visitor_id,
        last_user_id as customer_id,
        session_start_at
    from {{ ref('int_sessions_summarized') }}
    where first_user_id <> last_user_id
),

orders as (
    select * from {{ ref('int_orders_latest') }}
),

observed as (
    select
        'login' as evidence,
        visitor_id,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as email_hash,
        cast(null as {{ dbt.type_string() }}) as phone_hash,
        session_start_at as seen_at,
        cast(session_start_at as {{ dbt.type_string() }}) as example
    from logins
    union all
    select
        case when is_test then 'test order' else 'order' end as evidence,
        visitor_id,
        customer_id,
        email_hash,
        null as phone_hash,
        ordered_at as seen_at,
        order_id as example
    from orders
    union all
    select
        'purchase' as evidence,
        purchases.visitor_id,
        orders.customer_id,
        orders.email_hash,
        null as phone_hash,
        purchases.purchased_at as seen_at,
        orders.order_id as example
    from {{ ref('int_purchases_tracked') }} as purchases
        inner join orders
            on purchases.transaction_id = orders.order_id
    where not orders.is_test
    union all
    select
        'account' as evidence,
        null as visitor_id,
        customer_id,
        email_hash,
        phone_hash,
        known_at as seen_at,
        customer_id as example
    from {{ ref('int_customers_known') }}
    where known_at is not null
)

select
    evidence,
    visitor_id,
    customer_id,
    email_hash,
    phone_hash,
    min(seen_at) as first_seen_at,
    max(seen_at) as last_seen_at,
    count(*) as evidence_count,
    min(example) as example
from observed
group by evidence, visitor_id, customer_id, email_hash, phone_hash
