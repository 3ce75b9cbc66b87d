{% macro not_among(columns, query) -%}
    {#- Whether the values of columns, none of them null, are not among the rows of a query with
        as many columns. Why a macro: DuckDB groups all rows first for a correlated `not exists`, and
        Spark compares every row with every other for a `not in`. -#}
    {{ return(adapter.dispatch('not_among')(columns, query)) }}
{%- endmacro %}

{% macro default__not_among(columns, query) -%}
    ({{ columns | join(', ') }}) not in ({{ query }})
{%- endmacro %}

{% macro spark__not_among(columns, query) -%}
    {%- set names, conditions = [], [] -%}
    {%- for column in columns -%}
        {%- do names.append('value_' ~ loop.index) -%}
        {%- do conditions.append(column ~ ' = others.value_' ~ loop.index) -%}
    {%- endfor -%}
    not exists (
        select 1 from ({{ query }}) as others({{ names | join(', ') }})
        where {{ conditions | join(' and ') }}
    )
{%- endmacro %}
