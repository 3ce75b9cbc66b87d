{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['visitor_id'],
    meta={'redone_by': ['visitor_id']}
) }}
-- One row per visitor with the customer behind it, where exactly one customer was ever seen: by
-- user id, by the visitor of an order, or by the order of a purchase. A device that several
-- customers share stays unresolved. A visitor who is only on orders has no first session.

with

seen as (
    select
        visitor_id,
        session_start_at,
        first_user_id as first_customer_id,
        last_user_id as last_customer_id,
        session_start_at as seen_at
    from {{ redone(ref('int_sessions_summarized')) }}
    union all
    select
        visitor_id,
        null as session_start_at,
        customer_id as first_customer_id,
        customer_id as last_customer_id,
        ordered_at as seen_at
    from {{ redone(ref('int_orders_latest')) }}
    union all
    select
        visitor_id,
        null as session_start_at,
        customer_id as first_customer_id,
        customer_id as last_customer_id,
        case when not is_test then purchased_at end as seen_at
    from {{ redone(ref('int_purchase_buyers')) }}
),

visitors as (
    select
        visitor_id,
        min(session_start_at) as first_session_at,
        min(first_customer_id) as first_customer_id,
        max(last_customer_id) as last_customer_id,
        min(seen_at) as first_seen_at,
        max(seen_at) as last_seen_at
    from seen
    where visitor_id is not null
    group by visitor_id
)

select
    visitor_id,
    first_session_at,
    first_seen_at,
    last_seen_at,
    case when first_customer_id = last_customer_id then first_customer_id end as customer_id,
    coalesce(first_customer_id <> last_customer_id, false) as is_shared
from visitors
