{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['visitor_id', 'session_start_at'],
    meta={'redone_by': []}
) }}
-- A shared device belongs to nobody. But a session on it in which exactly one person showed up, by
-- a login or by the order of a purchase, is that person's.

with

sessions as (
    select
        sessions.visitor_id,
        sessions.session_start_at,
        sessions.first_user_id,
        sessions.last_user_id
    from {{ ref('int_sessions_summarized') }} as sessions
        inner join {{ ref('int_visitors_resolved') }} as visitors
            on sessions.visitor_id = visitors.visitor_id
    where visitors.guard is not null
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
        visitor_id,
        session_start_at,
        'customer' as identifier_kind,
        customer_id as identifier
    from {{ ref('int_purchase_buyers') }}
    where not is_test
    union
    select
        visitor_id,
        session_start_at,
        'email' as identifier_kind,
        email_hash as identifier
    from {{ ref('int_purchase_buyers') }}
    where not is_test
)

select
    sessions.visitor_id,
    sessions.session_start_at,
    min(owners.person_id) as person_id
from sessions
    inner join shown
        on
            sessions.visitor_id = shown.visitor_id
            and sessions.session_start_at = shown.session_start_at
    inner join {{ ref('int_identities_linked') }} as owners
        on
            shown.identifier_kind = owners.identifier_kind
            and shown.identifier = owners.identifier
where owners.guard is null
group by sessions.visitor_id, sessions.session_start_at
having min(owners.person_id) = max(owners.person_id)
