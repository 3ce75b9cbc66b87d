{{ config(post_hook="{{ note_arrival() }}") }}
-- One row per session of the touched visitors' days: an event belongs to the last session of its
-- visitor that began before it. Narrow on purpose: the sort is what a session costs, and neither
-- need it carry the attributes of the event nor need its result have a row per event.
{%- set stored_events = kept_events() %}
{%- do check_common_arrival([
    ref('int_event_files_arriving'), ref('int_events_arrived'), ref('int_visitor_days_touched'),
]) %}

with

timeline as (
    select
        event_id,
        visitor_id,
        event_at
    from {{ ref('int_events_arrived') }}
    {%- if stored_events %}
    union all
    select
        event_id,
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

-- A gap of exactly the timeout stays inside the session.
gaps as (
    select
        *,
        coalesce(
            event_at > lag(event_at) over (partition by visitor_id order by event_at, event_id)
            + interval '{{ var("session_timeout_seconds") }}' second,
            true
        ) as is_session_start
    from timeline
)

select
    visitor_id,
    event_at as session_start_at,
    event_id as first_event_id,
    coalesce(
        lead(event_at) over (partition by visitor_id order by event_at),
        cast('9999-12-31' as timestamp)
    ) as next_session_start_at
from gaps
where is_session_start
