{% macro landed(source_name, table_name) -%}
    {#- The rows of a raw table, from exactly the files that stg_landing__files lists: a file that
        lands while a build runs waits for the next build, for every model alike. In a unit test it
        is the fixture. Why a macro: every engine has its own way to read files. -#}
    {%- set raw_table = source(source_name, table_name) -%}
    {%- set files = ref('stg_landing__files') -%}
    {%- if not execute or '__dbt__cte__' in (raw_table | string) -%}
        {{ return(raw_table) }}
    {%- endif -%}
    {{ return(adapter.dispatch('landed')(source_name, table_name, files)) }}
{%- endmacro %}

{% macro default__landed(source_name, table_name, files) -%}
    {%- set paths = query_column(
        "select path from " ~ files ~ " where source_name = '" ~ source_name
        ~ "' and table_name = '" ~ table_name ~ "' order by path"
    ) -%}
    read_parquet([
    {%- for path in paths %}
        '{{ path | replace("'", "''") }}'{{ "," if not loop.last }}
    {%- endfor %}
    ], union_by_name = true)
{%- endmacro %}

{% macro landing_zone() -%}
    {{ env_var('SHOPTRACK_LANDING', 'data/landing') }}
{%- endmacro %}

{% macro landed_paths() -%}
    {#- A query of the path of every landed file. Why a macro: every engine lists files its own
        way. -#}
    {{ return(adapter.dispatch('landed_paths')()) }}
{%- endmacro %}

{% macro default__landed_paths() -%}
    select replace(file, '\', '/') as path
    from glob('{{ landing_zone() | replace("[", "[[]") | replace("'", "''") }}/*/*/*.parquet')
{%- endmacro %}
