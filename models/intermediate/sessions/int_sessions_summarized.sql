{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['visitor_id', 'session_start_at'],
    meta={'redone_by': ['visitor_id', 'session_date']}
) }}
-- Holds only what the session's own events say; what depends on the visitor's or the customer's
-- whole history is joined in fct_sessions.

with

events as (
    select * from {{ redone(ref('int_events_sessionized')) }}
),

summarized as (
    select
        max(session_date) as session_date,
        visitor_id,
        session_start_at,
        max(event_at) as session_end_at,
        min(user_id) as first_user_id,
        max(user_id) as last_user_id,
        count(*) as event_count,
        count(case when event_name = 'page_view' then 1 end) as page_view_count,
        min_by(page_path, {{ sort_key(['event_at', 'event_id']) }}) filter (
            where event_name = 'page_view' and page_path is not null
        ) as landing_page,
        max_by(page_path, {{ sort_key(['event_at', 'event_id']) }}) filter (
            where event_name = 'page_view' and page_path is not null
        ) as exit_page,
        sum(engagement_ms) as engagement_ms,
        max(case when is_session_start then device_category end) as device_category,
        max(case when is_session_start then operating_system end) as operating_system,
        max(case when is_session_start then browser end) as browser,
        max(case when is_session_start then user_agent end) as user_agent,
        max(case when is_session_start then country end) as country,
        max(case when is_session_start then region end) as region,
        max(case when is_session_start then language end) as language,
        max(case when is_session_start then age_bracket end) as age_bracket,
        max(case when is_session_start then gender end) as gender,
        coalesce(
            bool_or(event_name in ({{ sql_list(var('key_events')) }})), false
        ) as has_key_event,
        coalesce(bool_or(event_name = 'view_item'), false) as has_view_item,
        coalesce(bool_or(event_name = 'add_to_cart'), false) as has_add_to_cart,
        coalesce(bool_or(event_name = 'begin_checkout'), false) as has_begin_checkout,
        coalesce(bool_or(event_name = 'purchase'), false) as has_purchase
    from events
    group by visitor_id, session_start_at
),

-- Patterns are matched once per user agent, not once per session, and only where their fragment is.
agents as (
    select distinct
        user_agent,
        lower(user_agent) as lowered
    from summarized
),

robots as (
    select distinct agents.user_agent
    from agents
        inner join {{ ref('bot_user_agents') }} as patterns
            on
                position(patterns.fragment in agents.lowered) > 0
                and regexp_matches(agents.user_agent, patterns.pattern)
),

-- No person reads page after page in so little time each.
judged as (
    select
        summarized.*,
        {{ seconds_between('session_start_at', 'session_end_at') }} as duration_seconds,
        case
            when robots.user_agent is not null then 'user agent'
            when summarized.event_count > {{ var('bot_session_events') }} then 'too many events'
            when
                summarized.page_view_count >= {{ var('bot_page_views') }}
                and {{ seconds_between('session_start_at', 'session_end_at') }}
                < summarized.page_view_count * {{ var('bot_seconds_per_page') }}
                then 'pages too fast'
        end as bot_reason
    from summarized
        left join robots
            on summarized.user_agent = robots.user_agent
),

sessions as (
    select
        *,
        {{ session_id() }} as session_id,
        bot_reason is not null as is_bot
    from judged
)

select * from sessions
