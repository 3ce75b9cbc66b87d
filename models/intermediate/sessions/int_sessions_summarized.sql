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

-- What the first event says, which only that one carries through.
begun as (
    select
        visitor_id,
        session_start_at,
        device_category,
        operating_system,
        browser,
        user_agent,
        country,
        region,
        language,
        age_bracket,
        gender
    from {{ redone(ref('int_events_sessionized')) }}
    where is_session_start
),

-- Patterns are matched once per user agent, not once per session, and only where their fragment is.
agents as (
    select distinct
        user_agent,
        lower(user_agent) as lowered
    from begun
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
        begun.device_category,
        begun.operating_system,
        begun.browser,
        begun.user_agent,
        begun.country,
        begun.region,
        begun.language,
        begun.age_bracket,
        begun.gender,
        {{ seconds_between('summarized.session_start_at', 'session_end_at') }} as duration_seconds,
        case
            when robots.user_agent is not null then 'user agent'
            when summarized.event_count > {{ var('bot_session_events') }} then 'too many events'
            when
                summarized.page_view_count >= {{ var('bot_page_views') }}
                and {{ seconds_between('summarized.session_start_at', 'session_end_at') }}
                < summarized.page_view_count * {{ var('bot_seconds_per_page') }}
                then 'pages too fast'
        end as bot_reason
    from summarized
        left join begun
            on
                summarized.visitor_id = begun.visitor_id
                and summarized.session_start_at = begun.session_start_at
        left join robots
            on begun.user_agent = robots.user_agent
),

sessions as (
    select
        *,
        {{ session_id() }} as session_id,
        bot_reason is not null as is_bot
    from judged
)

select * from sessions
