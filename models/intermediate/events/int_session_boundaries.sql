{{ config(post_hook="{{ note_arrival() }}") }}
-- One row per session of the touched visitors' days: an event belongs to the last session of its
-- visitor that began before it. Events of one span of the timeout are never further apart than it:
-- only the spans are sorted, a tenth of the events.
{%- set stored_events = kept_events() %}
{%- set timeout = var('session_timeout_seconds') %}
{%- do check_common_arrival([
    ref('int_event_files_arriving'), ref('int_events_arrived'), ref('int_visitor_days_touched'),
]) %}

with

timeline as (
    select
        visitor_id,
        event_at
    from {{ ref('int_events_arrived') }}
    {%- if stored_events %}
    union all
    select
        visitor_id,
        event_at
    from {{ stored_events }}
    where
        (visitor_id, session_date) in (
            select
                touched.visitor_id,
                touched.session_date
            from {{ ref('int_visitor_days_touched') }} as touched
        )
        and event_id not in (
            select arrived.event_id from {{ ref('int_events_arrived') }} as arrived
        )
    {%- endif %}
),

spans as (
    select
        visitor_id,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from timeline
    group by visitor_id, {{ span_number('event_at', timeout) }}
),

-- A gap of exactly the timeout stays inside the session.
gaps as (
    select
        visitor_id,
        first_event_at,
        coalesce(
            first_event_at
            > lag(last_event_at) over (partition by visitor_id order by first_event_at)
            + interval '{{ timeout }}' second,
            true
        ) as is_session_start
    from spans
)

select
    visitor_id,
    first_event_at as session_start_at,
    coalesce(
        lead(first_event_at) over (partition by visitor_id order by first_event_at),
        cast('9999-12-31' as timestamp)
    ) as next_session_start_at
from gaps
where is_session_start
