{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['session_id'],
    on_schema_change='fail',
    meta={
        'redone_by': ['visitor_id', 'session_date'], 'named_by_content': ['int_sources_numbered']
    }
) }}
-- Who the visitor is and what the orders came to may change long after the session.

with

sessions as (
    select
        *,
        duration_seconds > {{ var('engaged_session_seconds') }}
        or has_key_event
        or page_view_count >= 2 as is_engaged
    from {{ redone(ref('int_sessions_summarized')) }}
)

select
    sessions.session_id,
    sessions.visitor_id,
    sourced.customer_id,
    sourced.person_id,
    sourced.is_person_known,
    sessions.session_date,
    sessions.session_start_at,
    sessions.session_end_at,
    sources.channel,
    sources.source,
    sources.medium,
    sources.campaign,
    last_sources.channel as last_non_direct_channel,
    last_sources.source as last_non_direct_source,
    last_sources.medium as last_non_direct_medium,
    last_sources.campaign as last_non_direct_campaign,
    sourced.touch_number,
    sessions.landing_page,
    sessions.exit_page,
    sessions.device_category,
    sessions.operating_system,
    sessions.browser,
    sessions.country,
    sessions.region,
    sessions.language,
    sessions.age_bracket,
    sessions.gender,
    sessions.event_count,
    sessions.page_view_count,
    sessions.duration_seconds,
    cast(sessions.engagement_ms as bigint) as engagement_ms,
    sessions.is_engaged,
    not sessions.is_engaged as is_bounce,
    sessions.page_view_count = 1 as is_single_page_session,
    sourced.is_first_session,
    sessions.is_bot,
    sessions.bot_reason,
    sessions.has_view_item,
    sessions.has_add_to_cart,
    sessions.has_begin_checkout,
    sessions.has_purchase,
    coalesce(orders.order_count, 0) as order_count,
    coalesce(orders.net_revenue, 0) as net_revenue
from sessions
    inner join {{ redone(ref('int_sessions_sourced')) }} as sourced
        on sessions.session_id = sourced.session_id
    inner join {{ ref('int_sources_numbered') }} as sources
        on sourced.source_number = sources.source_number
    inner join {{ ref('int_sources_numbered') }} as last_sources
        on sourced.last_source_number = last_sources.source_number
    left join {{ redone(ref('int_session_orders_counted')) }} as orders
        on
            sessions.visitor_id = orders.visitor_id
            and sessions.session_start_at = orders.session_start_at
