{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='source_file'
) }}
-- The ledger of files: a file enters it only after its events and its rejected rows are stored.
-- depends_on: {{ ref('int_session_days') }}, {{ ref('int_events_rejected') }}
{%- set counted_files = kept_state('int_event_files_counted') %}

with

landed as (
    select * from {{ ref('stg_web__events') }}
    {%- if counted_files %}
    where _source_file in ({{ new_event_files() }})
    {%- endif %}
),

counted as (
    select
        _source_file as source_file,
        _loaded_at as loaded_at,
        case when rejection_reason is null then {{ store_date('event_at') }} end as event_date,
        count(*) as row_count,
        count(rejection_reason) as rejected_row_count,
        count(case
            when
                rejection_reason is null
                and _loaded_at > event_at + interval '{{ var("late_after_hours") }}' hour
                then 1
        end) as late_row_count,
        '{{ definition_hash(model.name) }}' as definition_hash
    from landed
    group by source_file, loaded_at, event_date
)

select * from counted
