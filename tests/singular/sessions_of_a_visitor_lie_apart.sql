-- Two sessions of a visitor are further apart than the timeout, and together they hold every event.
with

sessions as (
    select
        visitor_id,
        session_start_at,
        lag(session_end_at) over (
            partition by visitor_id order by session_start_at
        ) as previous_end_at
    from {{ ref('int_sessions_summarized') }}
)

select visitor_id as problem
from sessions
where session_start_at <= previous_end_at + interval '{{ var("session_timeout_seconds") }}' second
union all
select 'an event without a session' as problem
where
    (select sum(event_count) from {{ ref('int_sessions_summarized') }})
    <> (select sum(event_count) from {{ ref('int_event_days_counted') }})
