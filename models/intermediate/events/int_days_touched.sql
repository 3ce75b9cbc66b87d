{{ config(post_hook="{{ note_arrival() }}") }}
-- One row per session date whose sessions the arrived events can change, or that is rebuilt. None
-- in a full refresh, which writes every date.
{%- set stored_events = kept_events() %}
{%- do check_common_arrival([
    ref('int_event_files_arriving'), ref('int_events_arrived'),
]) %}
{%- set superseded_files = superseded_files() %}
{%- set timeout = "interval '" ~ var('session_timeout_seconds') ~ "' second" %}

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
    select stored.session_date
    from {{ stored_events }} as stored
        inner join arrived
            on
                stored.visitor_id = arrived.visitor_id
                and stored.event_at between
                arrived.event_at - {{ timeout }} and arrived.event_at + {{ timeout }}
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
    select {{ store_date('stored.event_at') }} as session_date
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
        {{ store_date('stored.event_at') }} as event_date,
        stored.session_date
    from {{ kept_state('int_events_sessionized') }} as stored
        inner join retired
            on
                stored.visitor_id = retired.visitor_id
                and stored.session_start_at = retired.session_start_at
),

{%- endif %}

days as (
    select {{ store_date('event_at') }} as session_date from arrived
    {%- if stored_events %}
    union
    select session_date from neighbours
    union
    select session_date from parts
    {%- endif %}
    {%- if stored_events and superseded_files %}
    union
    select event_date from retired_parts
    union
    select session_date from retired_parts
    {%- endif %}
    {%- if stored_events and rebuild_range() %}
    union
    -- What is stored there goes, whether or not events arrive in its place.
    select session_date
    from {{ kept_state('int_events_sessionized') }}
    where {{ in_rebuild_range('session_date') }}
    {%- endif %}
)

select distinct session_date
from days
