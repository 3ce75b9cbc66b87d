{{ config(materialized='incremental', incremental_strategy='add_files') }}
-- Rows in the contract's shape: whether one of them can be used, it says alone. Incremental because
-- finding the few bad ones means reading all. The row with the number 0 says that its file was
-- checked, and has no reason. Rows that adapters give are in int_rows_waiting.
{%- set stored = kept_state('int_rows_checked') %}
{%- set raw_tables = [] %}
{%- for source_name, table_name, keys in tables_of_rows() %}
{%- do raw_tables.append(source_name ~ '.' ~ table_name) %}
{%- endfor %}

with

files as (
    select
        concat(source_name, '.', table_name) as source_table,
        source_file
    from {{ ref('stg_landing__files') }}
    where concat(source_name, '.', table_name) in ({{ sql_list(raw_tables) }})
),

found as (
    select
        source_table,
        source_file,
        0 as source_row,
        cast(null as timestamp) as loaded_at,
        cast(null as {{ dbt.type_string() }}) as row_key,
        cast(null as {{ dbt.type_string() }}) as reason,
        cast(null as {{ dbt.type_string() }}) as raw
    from files
    {%- if stored %}
    where
        concat(source_table, '/', source_file) not in (
            select concat(checked.source_table, '/', checked.source_file)
            from {{ stored }} as checked
        )
    {%- endif %}
    {%- for source_name, table_name, keys in tables_of_rows() %}
    {%- set raw_table = source_name ~ '.' ~ table_name %}
    {%- set conditions = [source_table_of(source_name, table_name) ~ " = '" ~ raw_table ~ "'"] %}
    {%- if stored %}
    {%- do conditions.append('_source_file in (' ~ files_to_add(raw_table, stored) ~ ')') %}
    {%- endif %}
    union all
    {{ rejected_rows(source_name, table_name, keys, conditions) }}
    {%- endfor %}
)

select
    *,
    '{{ definition_hash(model.name) }}' as definition_hash
from found
