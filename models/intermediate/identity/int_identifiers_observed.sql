-- Which identifiers were seen together in one row of the data: a session, an order, a purchase that
-- tracking saw, a customer's account. What names a visitor alone is nothing to link, and left out.

with

-- A session whose users are two gives a row for each of them.
logins as (
    select
        visitor_id,
        first_user_id as customer_id,
        session_start_at
    from {{ ref('int_sessions_summarized') }}
    where first_user_id is not null
    union all
    select
        visitor_id,
        last_user_id as customer_id,
        session_start_at
    from {{ ref('int_sessions_summarized') }}
    where first_user_id <> last_user_id
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
    from {{ ref('int_orders_latest') }}
    union all
    select
        'purchase' as evidence,
        visitor_id,
        customer_id,
        email_hash,
        null as phone_hash,
        purchased_at as seen_at,
        order_id as example
    from {{ ref('int_purchase_buyers') }}
    where not is_test
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
where coalesce(customer_id, email_hash, phone_hash) is not null
group by evidence, visitor_id, customer_id, email_hash, phone_hash
