{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='source_file'
) }}
-- The ledger of files: a file enters it only after its events and its rejected rows are stored. A
-- build of some models leaves out the others, so that is looked up and not taken for granted.
-- depends_on: {{ ref('int_events_sessionized') }}
-- depends_on: {{ ref('int_events_rejected') }}
{%- set counted_files = kept_state('int_event_files_counted') %}

with

landed as (
    select * from {{ ref('stg_web__events') }}
    {%- if counted_files %}
    where _source_file in ({{ new_event_files() }})
    {%- endif %}
),

{%- if counted_files %}

waiting as (
    select landed._source_file
    from landed
        left join {{ ref('int_events_sessionized') }} as stored
            on landed.event_id = stored.event_id
    where
        landed.rejection_reason is null
        and landed.superseded_by is null
        and (
            stored.event_id is null
            or (landed._loaded_at, landed._source_file, landed._source_row)
            < (stored._loaded_at, stored._source_file, stored._source_row)
        )
    union
    -- An event that no longer counts and has not left yet.
    select landed._source_file
    from landed
        inner join {{ ref('int_events_sessionized') }} as stored
            on
                landed.event_id = stored.event_id
                and landed._source_file = stored._source_file
                and landed._source_row = stored._source_row
    where landed.superseded_by is not null
    union
    select landed._source_file
    from landed
        left join {{ ref('int_events_rejected') }} as rejected
            on landed._source_file = rejected.source_file
    where landed.rejection_reason is not null and rejected.source_file is null
),

{%- endif %}

-- Rejected rows are known by their place, so that nothing is checked twice.
judged as (
    select
        landed._source_table as source_table,
        landed._source_file as source_file,
        landed._loaded_at as loaded_at,
        landed.event_at,
        landed.superseded_by,
        rejected.source_row is not null as is_rejected
    from landed
        left join {{ ref('int_events_rejected') }} as rejected
            on
                landed._source_file = rejected.source_file
                and landed._source_row = rejected.source_row
    {%- if counted_files %}
    where landed._source_file not in (select waiting._source_file from waiting)
    {%- endif %}
),

counted as (
    select
        source_table,
        source_file,
        loaded_at,
        case when not is_rejected then {{ store_date('event_at') }} end as event_date,
        count(*) as row_count,
        count(case when is_rejected then 1 end) as rejected_row_count,
        count(case when not is_rejected then superseded_by end) as superseded_row_count,
        count(case
            when
                not is_rejected
                and superseded_by is null
                and loaded_at > event_at + interval '{{ var("late_after_hours") }}' hour
                then 1
        end) as late_row_count,
        '{{ definition_hash(model.name) }}' as definition_hash
    from judged
    group by source_table, source_file, loaded_at, event_date
)

select * from counted
