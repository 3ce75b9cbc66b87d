{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['visitor_id', 'session_start_at'], meta={'redone_by': []}
) }}
select
    visitor_id,
    session_start_at,
    max(session_date) as session_date,
    count(*) as order_count,
    cast(sum(net_revenue) as decimal(18, 2)) as net_revenue
from {{ ref('int_purchases_valued') }}
group by visitor_id, session_start_at
