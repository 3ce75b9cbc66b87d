{{ config(post_hook="{{ note_arrival() }}") }}
-- One row per visitor and session date whose sessions the arrived events can change, or that is
-- rebuilt. None in a full refresh, which writes all. Times are literals for the events that are
-- near: literals let the engine skip what it stores by date.
{%- set stored_events = kept_events() %}
{%- do check_common_arrival([ref('int_event_files_arriving'), ref('int_events_arrived')]) %}
{%- set superseded_files = superseded_files() %}
{%- set timeout = "interval '" ~ var('session_timeout_seconds') ~ "' second" %}
{%- if stored_events %}
{%- set first_at, last_at = first_and_last(ref('int_events_arrived'), 'event_at', timeout) %}
{%- endif %}

with

arrived as (
    select
        event_id,
        visitor_id,
        event_at
    from {{ ref('int_events_arrived') }}
    {%- if not stored_events %}
    where false
    {%- endif %}
),

{%- if stored_events %}

-- An arrived event extends, joins or fills only sessions that have an event within the timeout.
neighbours as (
    select
        stored.visitor_id,
        stored.session_date
    from {{ stored_events }} as stored
        inner join arrived
            on
                stored.visitor_id = arrived.visitor_id
                and stored.event_at between
                arrived.event_at - {{ timeout }} and arrived.event_at + {{ timeout }}
    where stored.event_at between {{ first_at }} and {{ last_at }}
),

-- An event whose place is taken may have held a session together: the parts begin on any of the
-- session's days.
displaced as (
    select
        stored.visitor_id,
        stored.session_start_at
    from {{ stored_events }} as stored
        inner join arrived
            on stored.event_id = arrived.event_id
),

parts as (
    select
        stored.visitor_id,
        {{ store_date('stored.event_at') }} as session_date
    from {{ stored_events }} as stored
        inner join displaced
            on
                stored.visitor_id = displaced.visitor_id
                and stored.session_start_at = displaced.session_start_at
),

{%- endif %}

{%- if stored_events and superseded_files %}

-- An event that no longer counts may have held a session together as well.
retired as (
    select
        visitor_id,
        session_start_at
    from {{ kept_state('int_events_sessionized') }}
    where _source_file in ({{ sql_list(superseded_files) }})
),

retired_parts as (
    select
        stored.visitor_id,
        {{ store_date('stored.event_at') }} as session_date
    from {{ kept_state('int_events_sessionized') }} as stored
        inner join retired
            on
                stored.visitor_id = retired.visitor_id
                and stored.session_start_at = retired.session_start_at
),

{%- endif %}

visitor_days as (
    select
        visitor_id,
        {{ store_date('event_at') }} as session_date
    from arrived
    {%- if stored_events %}
    union all
    select * from neighbours
    union all
    select * from parts
    {%- endif %}
    {%- if stored_events and superseded_files %}
    union all
    select * from retired_parts
    {%- endif %}
    {%- if stored_events and rebuild_range() %}
    union all
    -- What is stored there goes, whether or not events arrive in its place.
    select
        visitor_id,
        session_date
    from {{ kept_state('int_events_sessionized') }}
    where {{ in_rebuild_range('session_date') }}
    {%- endif %}
)

select distinct
    visitor_id,
    session_date
from visitor_days
