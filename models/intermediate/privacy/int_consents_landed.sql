{{ config(materialized='incremental', incremental_strategy='add_files') }}
-- Incremental because hashing whom a decision is about costs more than all that is done with it.
{%- set stored = kept_state('int_consents_landed') %}

select
    'web.consents' as source_table,
    _source_file as source_file,
    _source_row as source_row,
    _loaded_at as loaded_at,
    subject_hash,
    recorded_at,
    consent_analytics,
    '{{ definition_hash(model.name) }}' as definition_hash
from {{ ref('stg_web__consents') }}
where
    rejection_reason is null
    {%- if stored %}
    and _source_file in ({{ files_to_add('web.consents', stored) }})
    {%- endif %}
