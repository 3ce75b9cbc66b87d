-- One row per event of the touched days, with the session it belongs to. Narrow on purpose: the
-- sort is what a session costs, and it need not carry the attributes of the event.
{%- set stored_events = kept_events() %}
{%- set arrival_id = common_arrival_id([ref('int_events_arrived'), ref('int_days_touched')]) %}

with

arrived as (
    select
        event_id,
        visitor_id,
        event_at,
        _source_file,
        _source_row
    from {{ ref('int_events_arrived') }}
),

timeline as (
    select * from arrived
    {%- if stored_events %}
    union all
    select
        event_id,
        visitor_id,
        event_at,
        _source_file,
        _source_row
    from {{ stored_events }}
    where
        session_date in (
            select touched.session_date from {{ ref('int_days_touched') }} as touched
        )
        and event_id not in (select arrived.event_id from arrived)
    {%- endif %}
),

-- A gap of exactly the timeout stays inside the session.
gaps as (
    select
        *,
        coalesce(
            event_at > lag(event_at) over visitor_timeline
            + interval '{{ var("session_timeout_seconds") }}' second,
            true
        ) as is_session_start,
        row_number() over visitor_timeline as visitor_event_number
    from timeline
    window visitor_timeline as (partition by visitor_id order by event_at, event_id)
),

sessions as (
    select
        *,
        max(case when is_session_start then event_at end) over so_far as session_start_at,
        max(case when is_session_start then visitor_event_number end) over so_far
            as first_event_number
    from gaps
    window so_far as (
        partition by visitor_id order by event_at, event_id
        rows between unbounded preceding and current row
    )
)

select
    event_id,
    visitor_id,
    _source_file,
    _source_row,
    is_session_start,
    session_start_at,
    {{ store_date('session_start_at') }} as session_date,
    visitor_event_number - first_event_number + 1 as event_number,
    '{{ arrival_id }}' as arrival_id
from sessions
