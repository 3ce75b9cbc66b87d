{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['person_id'],
    on_schema_change='fail', meta={'redone_by': ['person_id']}
) }}
-- Sessions on a shared device count for whoever they show, so they are counted by the session's
-- person and not by the visitor's. Those of robots are no touches.

with

identities as (
    select
        person_id,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        min(linked_at) as linked_at,
        count(case when identifier_kind = 'visitor' then 1 end) as visitor_count,
        count(case when identifier_kind = 'customer' then 1 end) as customer_count,
        count(case when identifier_kind in ('email', 'phone') then 1 end) as contact_count,
        bool_or(identifier_kind in ('customer', 'email')) as has_name,
        min(guard) as guard
    from {{ redone(ref('int_identities_resolved')) }}
    group by person_id
),

sessions as (
    select
        person_id,
        count(*) as session_count,
        count(touch_number) = 0 as is_bot
    from {{ redone(ref('int_sessions_sourced')) }}
    group by person_id
),

orders as (
    select
        person_id,
        min(ordered_at) as first_order_at,
        count(*) as order_count,
        cast(sum(net_sales_reporting) as decimal(18, 2)) as net_sales
    from {{ redone(ref('fct_orders')) }}
    where is_sale
    group by person_id
)

select
    identities.person_id,
    identities.first_seen_at,
    identities.last_seen_at,
    identities.linked_at,
    identities.visitor_count,
    identities.customer_count,
    identities.contact_count,
    identities.has_name and identities.guard is null as is_identified,
    identities.guard,
    coalesce(sessions.is_bot, false) as is_bot,
    coalesce(sessions.session_count, 0) as session_count,
    orders.first_order_at,
    coalesce(orders.order_count, 0) as order_count,
    coalesce(orders.net_sales, 0) as net_sales
from identities
    left join sessions
        on identities.person_id = sessions.person_id
    left join orders
        on identities.person_id = orders.person_id
