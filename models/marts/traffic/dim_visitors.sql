{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['visitor_id'],
    on_schema_change='fail', meta={'redone_by': ['visitor_id']}
) }}
with

visitors as (
    select
        visitor_id,
        max(session_start_at) as last_session_at,
        count(*) as session_count,
        max(case when is_first_session then channel end) as first_channel,
        max(case when is_first_session then source end) as first_source,
        max(case when is_first_session then landing_page end) as first_landing_page,
        max(case when is_first_session then device_category end) as first_device_category,
        bool_or(has_purchase and not is_bot) as has_purchase,
        bool_and(is_bot) as is_bot,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(net_revenue) as decimal(18, 2)) as net_revenue
    from {{ redone(ref('fct_sessions')) }}
    group by visitor_id
)

select
    visitors.visitor_id,
    identified.customer_id,
    identified.first_session_at,
    visitors.last_session_at,
    visitors.session_count,
    visitors.first_channel,
    visitors.first_source,
    visitors.first_landing_page,
    visitors.first_device_category,
    visitors.is_bot,
    visitors.has_purchase,
    visitors.order_count,
    visitors.net_revenue,
    persons.person_id,
    identified.is_shared as is_shared_device
from visitors
    inner join {{ redone(ref('int_visitors_identified')) }} as identified
        on visitors.visitor_id = identified.visitor_id
    inner join {{ redone(ref('int_visitors_resolved')) }} as persons
        on visitors.visitor_id = persons.visitor_id
