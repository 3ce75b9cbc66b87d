{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['visitor_id', 'session_start_at'],
    meta={'redone_by': ['visitor_id', 'session_date']}
) }}
-- Holds only what the session's own events say; what depends on the visitor's or the customer's
-- whole history is joined in fct_sessions.

{%- set sums = [
    'session_date', 'visitor_id', 'session_start_at', 'session_end_at', 'first_user_id',
    'last_user_id', 'event_count', 'page_view_count', 'landing_page', 'exit_page', 'engagement_ms',
    'has_key_event', 'has_view_item', 'has_add_to_cart', 'has_begin_checkout', 'has_purchase',
] %}

with

-- The visit of the first event, of events of one moment that of the lowest id: the id leads it.
summarized as (
    select
        max(session_date) as session_date,
        visitor_id,
        session_start_at,
        min(
            case when event_at = session_start_at then concat(event_id, chr(31), visit) end
        ) as visit,
        max(event_at) as session_end_at,
        min(user_id) as first_user_id,
        max(user_id) as last_user_id,
        count(*) as event_count,
        count(case when event_name = 'page_view' then 1 end) as page_view_count,
        count(case when event_name = 'user_engagement' then 1 end) as heartbeat_count,
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
    from {{ redone(ref('int_events_sessionized')) }}
    group by visitor_id, session_start_at
),

visits as (
    select
        {{ sums | join(', ') }},
        heartbeat_count,
        {{- unpacked('parts', ['event_id'] + visit_columns()) }},
        {{ seconds_between('session_start_at', 'session_end_at') }} as duration_seconds
    from (select *, {{ parts_of('visit') }} as parts from summarized) as split_visits
),

-- Patterns are matched once per user agent, not once per session, and only where their fragment is.
agents as (
    select distinct
        user_agent,
        lower(user_agent) as lowered
    from visits
),

robots as (
    select distinct agents.user_agent
    from agents
        inner join {{ ref('bot_user_agents') }} as patterns
            on
                position(patterns.fragment in agents.lowered) > 0
                and {{ matches('agents.user_agent', 'patterns.pattern') }}
),

-- No person reads page after page in so little time each. Heartbeats are the tracker's own doing.
judged as (
    select
        {%- for column in sums + visit_columns() + ['duration_seconds'] %}
        visits.{{ column }},
        {%- endfor %}
        case
            when robots.user_agent is not null then 'user agent'
            when visits.event_count - visits.heartbeat_count > {{ var('bot_session_events') }}
                then 'too many events'
            when
                visits.page_view_count >= {{ var('bot_page_views') }}
                and visits.duration_seconds
                < visits.page_view_count * {{ var('bot_seconds_per_page') }}
                then 'pages too fast'
        end as bot_reason
    from visits
        left join robots
            on visits.user_agent = robots.user_agent
),

sessions as (
    select
        *,
        {{ session_id() }} as session_id,
        bot_reason is not null as is_bot
    from judged
)

select * from sessions
