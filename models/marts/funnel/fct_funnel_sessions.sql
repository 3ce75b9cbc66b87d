{{ config(materialized='view') }}
-- A view, because it is a small join of stored tables and six times as long as they are. Joined by
-- the date too, so that who asks for some days reads those alone.

with

reached as (
    select * from {{ ref('int_session_steps') }}
),

started as (
    select distinct
        session_date,
        visitor_id,
        session_start_at
    from reached
),

funnel_sessions as (
    select
        sessions.session_id,
        sessions.session_date,
        sessions.visitor_id,
        sessions.session_start_at,
        sessions.channel,
        sessions.device_category,
        sessions.country,
        sessions.is_bot
    from {{ ref('fct_sessions') }} as sessions
        inner join started
            on
                sessions.session_date = started.session_date
                and sessions.visitor_id = started.visitor_id
                and sessions.session_start_at = started.session_start_at
)

select
    funnel_sessions.session_id,
    funnel_steps.step,
    funnel_steps.step_number,
    funnel_sessions.session_date,
    funnel_sessions.channel,
    funnel_sessions.device_category,
    funnel_sessions.country,
    funnel_sessions.is_bot,
    reached.open_at is not null as is_open_reached,
    reached.closed_at is not null as is_closed_reached,
    reached.open_at as open_reached_at,
    reached.closed_at as closed_reached_at,
    {{ seconds_between('reached.previous_closed_at', 'reached.closed_at') }}
        as seconds_from_previous
from funnel_sessions
    cross join {{ ref('funnel_steps') }} as funnel_steps
    left join reached
        on
            funnel_sessions.session_date = reached.session_date
            and funnel_sessions.visitor_id = reached.visitor_id
            and funnel_sessions.session_start_at = reached.session_start_at
            and funnel_steps.step_number = reached.step_number
