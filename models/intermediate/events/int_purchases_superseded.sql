{{ config(
    materialized='incremental', incremental_strategy='replace_files',
    meta={'definition_kept_in': 'int_event_files_counted'}
) }}
-- depends_on: {{ ref('int_event_files_arriving') }}
-- Incremental because finding them means reading every raw event.
{%- set counted_files = kept_state('int_purchases_superseded', 'int_event_files_counted') %}

select
    _source_table as source_table,
    _source_file as source_file,
    _source_row as source_row,
    transaction_id,
    event_at
from {{ ref('stg_web__events') }}
where
    event_name = 'purchase'
    and transaction_id is not null
    and rejection_reason is null
    and superseded_by is not null
    {%- if counted_files %}
    and _source_file in ({{ new_event_files() }})
    {%- endif %}
