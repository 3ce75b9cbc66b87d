{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['report_date', 'channel', 'device_category', 'country'],
    on_schema_change='fail',
    meta={'redone_by': ['session_date'], 'stored_as': {'session_date': 'report_date'}}
) }}

select
    session_date as report_date,
    channel,
    coalesce(device_category, '(not set)') as device_category,
    coalesce(country, '(not set)') as country,
    count(*) as sessions,
    count(distinct visitor_id) as visitors,
    count(distinct case when is_first_session then visitor_id end) as new_visitors,
    count(case when is_engaged then 1 end) as engaged_sessions,
    count(case when is_bounce then 1 end) as bounces,
    cast(sum(page_view_count) as bigint) as page_views,
    count(case when has_purchase then 1 end) as purchase_sessions,
    cast(sum(order_count) as bigint) as orders,
    cast(sum(net_revenue) as decimal(18, 2)) as net_revenue
from {{ redone(ref('fct_sessions')) }}
where not is_bot
group by
    session_date,
    channel,
    coalesce(device_category, '(not set)'),
    coalesce(country, '(not set)')
