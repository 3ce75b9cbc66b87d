{{ config(materialized='incremental', incremental_strategy='add_files') }}
-- What landing noted of each export, read once per file. A file landed before it did so has one row
-- without a column, which says that it was read.
{%- set stored = kept_state('int_file_columns') %}

with

files as (
    select
        concat(source_name, '.', table_name) as source_table,
        source_file
    from {{ ref('stg_landing__files') }}
),

new_files as (
    select *
    from files
    {%- if stored %}
    where
        concat(source_table, '/', source_file) not in (
            select concat(stored.source_table, '/', stored.source_file)
            from {{ stored }} as stored
        )
    {%- endif %}
),

noted as (
    {{ landed_columns(stored) }}
)

select
    new_files.source_table,
    new_files.source_file,
    noted.loaded_at,
    noted.column_name,
    noted.kind,
    '{{ definition_hash(model.name) }}' as definition_hash
from new_files
    left join noted
        on
            new_files.source_table = noted.source_table
            and new_files.source_file = noted.source_file
