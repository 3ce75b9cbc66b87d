-- Grain: landed row. The daily export of a date replaces what was streamed on it, stream by stream.
{%- set columns = [
    'event_date', 'event_timestamp', 'event_name', 'event_params', 'user_id', 'user_pseudo_id',
    'privacy_info', 'device', 'geo', 'collected_traffic_source', 'ecommerce', 'items', 'stream_id',
    'batch_event_index', 'batch_page_id', 'batch_ordering_id',
] | join(', ') %}
{%- set day_of_stream = "concat(coalesce(event_date, ''), ' ', coalesce(stream_id, ''))" %}

with

daily as (
    select * from {{ landed('ga4', 'events') }}
),

intraday as (
    select * from {{ landed('ga4', 'events_intraday') }}
),

complete_days as (
    select distinct {{ day_of_stream }} as complete_day
    from daily
),

exports as (
    select
        {{ columns }},
        'ga4.events' as _source_table,
        {{ row_as_json('daily') }} as raw_row,
        cast(null as {{ dbt.type_string() }}) as _superseded_by,
        _loaded_at,
        _source_file,
        _source_row
    from daily
    union all
    select
        {{ columns }},
        'ga4.events_intraday' as _source_table,
        {{ row_as_json('intraday') }} as raw_row,
        case
            when {{ day_of_stream }} in (select complete_days.complete_day from complete_days)
                then 'the daily export'
        end as _superseded_by,
        _loaded_at,
        _source_file,
        _source_row
    from intraday
)

select * from exports
