{#- The tables of bookkeeping. Their rows belong to a model or a test, whose own they replace; engines
    that cannot delete rows keep a partition for each. -#}

{% macro create_book(name, columns) -%}
    {#- Makes a table whose rows belong to a model_name, if it has one, where it is not there yet. -#}
    {%- do run_query(adapter.dispatch('book_made')(name, columns)) -%}
{%- endmacro %}

{% macro default__book_made(name, columns) -%}
    create table if not exists bookkeeping.{{ name }} ({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__book_made(name, columns) -%}
    create table if not exists bookkeeping.{{ name }} ({{ columns | join(', ') }})
    using {{ spark_file_format() }}
    {%- if 'model_name string' in columns %} partitioned by (model_name){% endif %}
{%- endmacro %}

{% macro clear_leftovers() -%}
    {#- Before a build: what one that was killed left behind and would stop this one. -#}
    {{ return(adapter.dispatch('clear_leftovers')()) }}
{%- endmacro %}

{% macro default__clear_leftovers() -%}
    {#- Transactions leave nothing. -#}
{%- endmacro %}

{% macro spark__clear_leftovers() -%}
    {%- do run_query('drop schema if exists scratch cascade') -%}
    {%- do run_query('create schema scratch') -%}
    {%- set schemas = ['bookkeeping', 'changes', 'landing'] -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed') -%}
        {%- do schemas.append(node.schema) -%}
    {%- endfor -%}
    {%- do adapter.clear_leftovers(schemas | unique | list) -%}
{%- endmacro %}

{% macro forget(name, model_names) -%}
    {#- SQL: the rows of models or tests leave a table of bookkeeping. -#}
    {{ return(adapter.dispatch('forget')(name, model_names)) }}
{%- endmacro %}

{% macro default__forget(name, model_names) -%}
    delete from bookkeeping.{{ name }} where model_name in ({{ sql_list(model_names) }})
{%- endmacro %}

{% macro spark__forget(name, model_names) -%}
    {%- if spark_file_format() != 'parquet' -%}
        {{ return(default__forget(name, model_names)) }}
    {%- endif -%}
    alter table bookkeeping.{{ name }} drop if exists
    {%- for model_name in model_names %}
        partition (model_name = '{{ model_name }}'){{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro written_for(model_name, book, columns, query) -%}
    {#- SQL: the rows of a query, without the name, take the place of a model's in its bookkeeping. -#}
    {{ return(adapter.dispatch('written_for')(model_name, book, columns, query)) }}
{%- endmacro %}

{% macro default__written_for(model_name, book, columns, query) -%}
    {{ default__forget(book, [model_name]) }};

    insert into bookkeeping.{{ book }} (model_name, {{ columns }})
    select '{{ model_name }}' as model_name, noted.* from ({{ query }}) as noted;
{%- endmacro %}

{% macro spark__written_for(model_name, book, columns, query) -%}
    {%- if spark_file_format() != 'parquet' -%}
        {{ return(default__written_for(model_name, book, columns, query)) }}
    {%- endif -%}
    insert overwrite table bookkeeping.{{ book }} partition (model_name = '{{ model_name }}')
    ({{ columns }}) {{ query }};
{%- endmacro %}

{% macro forget_until(table, number) -%}
    {#- SQL: the changes of a table up to a number leave. -#}
    {{ return(adapter.dispatch('forget_until')(table, number)) }}
{%- endmacro %}

{% macro default__forget_until(table, number) -%}
    delete from {{ table }} where change_number <= {{ number }};
{%- endmacro %}

{% macro spark__forget_until(table, number) -%}
    {%- if spark_file_format() != 'parquet' -%}
        {{ return(default__forget_until(table, number)) }}
    {%- endif -%}
    {%- for old in query_column(
        'select distinct change_number from ' ~ table ~ ' where change_number <= ' ~ number
    ) %}
    alter table {{ table }} drop if exists partition (change_number = {{ old }});
    {%- endfor %}
{%- endmacro %}

{% macro replaced_table(relation, query, partitioned_by) -%}
    {#- SQL: a table made anew of a query. -#}
    {{ return(adapter.dispatch('replaced_table')(relation, query, partitioned_by)) }}
{%- endmacro %}

{% macro default__replaced_table(relation, query, partitioned_by) -%}
    create or replace table {{ relation }} as {{ query }}
{%- endmacro %}

{% macro spark__replaced_table(relation, query, partitioned_by) -%}
    drop table if exists {{ relation }};

    create table {{ relation }} using {{ spark_file_format() }} partitioned by ({{ partitioned_by }})
    as {{ query }}
{%- endmacro %}
