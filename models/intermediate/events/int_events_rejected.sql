{{ config(
    materialized='incremental', incremental_strategy='replace_files',
    meta={'definition_kept_in': 'int_event_files_counted'}, post_hook="{{ note_arrival() }}"
) }}
-- depends_on: {{ ref('int_event_files_arriving') }}
-- Incremental because finding the few bad rows means reading every raw event.
{%- do check_common_arrival([ref('int_event_files_arriving')]) %}
{%- set counted_files = kept_state('int_events_rejected', 'int_event_files_counted') %}

select
    _source_table as source_table,
    _source_file as source_file,
    _source_row as source_row,
    _loaded_at as loaded_at,
    event_id as row_key,
    rejection_reason as reason,
    {{ tidy_json('raw_row') }} as raw
from {{ ref('stg_web__events') }}
where
    rejection_reason is not null
    {%- if counted_files %}
    and _source_file in ({{ new_event_files() }})
    {%- endif %}
