{{ config(materialized='view') }}
-- A view: all but the robots of fct_sessions, with fewer columns.

select
    session_id,
    person_id,
    visitor_id,
    customer_id,
    session_date,
    session_start_at,
    touch_number,
    channel,
    source,
    medium,
    campaign,
    last_non_direct_channel,
    last_non_direct_source,
    last_non_direct_medium,
    last_non_direct_campaign,
    device_category,
    country
from {{ ref('fct_sessions') }}
where not is_bot
