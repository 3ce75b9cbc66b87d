{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='source_file'
) }}
-- The ledger of files: a file enters it only after its events and its rejected rows are stored. A
-- build of some models leaves out the others, so that is looked up and not taken for granted.
-- depends_on: {{ ref('int_events_sessionized') }}
-- depends_on: {{ ref('int_event_copies') }}, {{ ref('int_events_rejected') }}
-- depends_on: {{ ref('int_purchases_superseded') }}
{%- set counted_files = kept_state('int_event_files_counted') %}

with

landed as (
    select * from {{ ref('stg_web__events') }}
    {%- if counted_files %}
    where _source_file in ({{ new_event_files() }})
    {%- endif %}
),

{%- if counted_files %}

-- Searched for by their place, which is narrow, among all events that there are.
stored as (
    select
        _source_file as source_file,
        _source_row as source_row
    from {{ ref('int_events_sessionized') }}
    where _source_file in ({{ new_event_files() }})
),

unfinished as (
    select landed._source_file
    from landed
        left join stored
            on landed._source_file = stored.source_file and landed._source_row = stored.source_row
        left join {{ ref('int_event_copies') }} as copies
            on landed._source_file = copies.source_file and landed._source_row = copies.source_row
        left join {{ ref('int_purchases_superseded') }} as purchases
            on
                landed._source_file = purchases.source_file
                and landed._source_row = purchases.source_row
        left join {{ ref('int_events_rejected') }} as rejected
            on
                landed._source_file = rejected.source_file
                and landed._source_row = rejected.source_row
    where
        case
            when landed.rejection_reason is not null then rejected.source_row is null
            when landed.superseded_by is null
                then stored.source_row is null and copies.source_row is null
            -- An event that no longer counts leaves what is stored; that a purchase was seen stays.
            else
                stored.source_row is not null
                or (
                    landed.event_name = 'purchase'
                    and landed.transaction_id is not null
                    and purchases.source_row is null
                )
        end
),

waiting as (
    select _source_file from unfinished
    union
    -- The copy that landed first may be what is not stored yet.
    select copies.source_file as _source_file
    from {{ ref('int_event_copies') }} as copies
    where exists (select unfinished._source_file from unfinished)
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
