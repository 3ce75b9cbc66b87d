-- A shared device belongs to nobody. But a session on it in which exactly one person showed up, by
-- a login or by the order of a purchase, is that person's.

with

identities as (
    select * from {{ ref('int_identities_resolved') }}
),

sessions as (
    select
        sessions.visitor_id,
        sessions.session_start_at,
        sessions.first_user_id,
        sessions.last_user_id
    from {{ ref('int_sessions_summarized') }} as sessions
        inner join identities
            on
                sessions.visitor_id = identities.identifier
                and identities.identifier_kind = 'visitor'
    where identities.guard is not null
),

shown as (
    select
        visitor_id,
        session_start_at,
        'customer' as identifier_kind,
        first_user_id as identifier
    from sessions
    union
    select
        visitor_id,
        session_start_at,
        'customer' as identifier_kind,
        last_user_id as identifier
    from sessions
    union
    select
        purchases.visitor_id,
        purchases.session_start_at,
        'customer' as identifier_kind,
        orders.customer_id as identifier
    from {{ ref('int_purchases_tracked') }} as purchases
        inner join {{ ref('int_orders_latest') }} as orders
            on purchases.transaction_id = orders.order_id
    where not orders.is_test
    union
    select
        purchases.visitor_id,
        purchases.session_start_at,
        'email' as identifier_kind,
        orders.email_hash as identifier
    from {{ ref('int_purchases_tracked') }} as purchases
        inner join {{ ref('int_orders_latest') }} as orders
            on purchases.transaction_id = orders.order_id
    where not orders.is_test
)

select
    sessions.visitor_id,
    sessions.session_start_at,
    min(owners.person_number) as person_number,
    min(owners.person_id) as person_id
from sessions
    inner join shown
        on
            sessions.visitor_id = shown.visitor_id
            and sessions.session_start_at = shown.session_start_at
    inner join identities as owners
        on
            shown.identifier_kind = owners.identifier_kind
            and shown.identifier = owners.identifier
where owners.guard is null
group by sessions.visitor_id, sessions.session_start_at
having min(owners.person_number) = max(owners.person_number)
