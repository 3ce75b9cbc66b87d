-- Landed, late and duplicate rows count on the day of the event, robots on the session's day,
-- rejected rows on the day of their load, because their own dates cannot be trusted.

with

landed as (
    select
        event_date as report_date,
        sum(row_count - superseded_row_count) as landed_events,
        sum(superseded_row_count) as superseded_events,
        sum(late_row_count) as late_events
    from {{ ref('int_event_files_counted') }}
    where event_date is not null
    group by event_date
),

stored as (
    select
        event_date as report_date,
        event_count as events
    from {{ ref('int_event_days_counted') }}
),

robots as (
    select
        session_date as report_date,
        count(*) as sessions,
        count(case when is_bot then 1 end) as bot_sessions
    from {{ ref('int_sessions_summarized') }}
    group by session_date
),

loaded as (
    select
        {{ store_date('loaded_at') }} as report_date,
        sum(row_count) as loaded_events,
        sum(rejected_row_count) as rejected_events
    from {{ ref('int_event_files_counted') }}
    group by {{ store_date('loaded_at') }}
),

rejected as (
    select
        {{ store_date('loaded_at') }} as report_date,
        count(*) as rejected_rows
    from {{ ref('fct_rejected_rows') }}
    group by {{ store_date('loaded_at') }}
),

days as (
    select report_date from landed
    union
    select report_date from robots
    union
    select report_date from loaded
    union
    select report_date from rejected
)

select
    days.report_date,
    cast(coalesce(landed.landed_events, 0) as bigint) as landed_events,
    coalesce(stored.events, 0) as events,
    cast(coalesce(landed.landed_events, 0) - coalesce(stored.events, 0) as bigint)
        as duplicate_events,
    cast(coalesce(landed.late_events, 0) as bigint) as late_events,
    cast(coalesce(landed.superseded_events, 0) as bigint) as superseded_events,
    coalesce(robots.sessions, 0) as sessions,
    coalesce(robots.bot_sessions, 0) as bot_sessions,
    coalesce(rejected.rejected_rows, 0) as rejected_rows,
    cast(coalesce(loaded.loaded_events, 0) as bigint) as loaded_events,
    cast(coalesce(loaded.rejected_events, 0) as bigint) as rejected_events,
    cast(landed.landed_events - coalesce(stored.events, 0) as double)
    / nullif(landed.landed_events, 0) as duplicate_share,
    cast(landed.late_events as double) / nullif(landed.landed_events, 0) as late_share,
    cast(robots.bot_sessions as double) / nullif(robots.sessions, 0) as bot_share,
    cast(loaded.rejected_events as double) / nullif(loaded.loaded_events, 0) as rejected_share
from days
    left join landed
        on days.report_date = landed.report_date
    left join stored
        on days.report_date = stored.report_date
    left join robots
        on days.report_date = robots.report_date
    left join loaded
        on days.report_date = loaded.report_date
    left join rejected
        on days.report_date = rejected.report_date
