{% macro json_fields(column, fields) -%}
    {#- A JSON object as a row of its fields, read once; null where it is no JSON. `fields` names them:
        'text', 'json' for what is nested and stays JSON, or the fields of an object in it; in a list
        of one for a JSON list. Why a macro: engines describe what they read each in their own way. -#}
    {{ return(adapter.dispatch('json_fields')(column, fields)) }}
{%- endmacro %}

{% macro default__json_fields(column, fields) -%}
    {%- set structure = tojson(fields) | replace('"text"', '"VARCHAR"') | replace('"json"', '"JSON"') -%}
    try(from_json({{ column }}, '{{ structure }}'))
{%- endmacro %}

{% macro spark__json_fields(column, fields) -%}
    case when {{ is_json(column) }} then from_json({{ column }}, '{{ spark_structure(fields) }}') end
{%- endmacro %}

{% macro spark_structure(fields) -%}
    {#- Spark's type of what `fields` of json_fields describe; what stays JSON is text. -#}
    {%- if fields is string -%}
        {{ return('string') }}
    {%- elif fields is mapping -%}
        {%- set parts = [] -%}
        {%- for name, structure in fields.items() -%}
            {%- do parts.append('`' ~ name ~ '`: ' ~ spark_structure(structure)) -%}
        {%- endfor -%}
        {{ return('struct<' ~ parts | join(', ') ~ '>') }}
    {%- endif -%}
    {{ return('array<' ~ spark_structure(fields[0]) ~ '>') }}
{%- endmacro %}

{% macro parsed_once(expression) -%}
    {#- What an expression gives, computed once per row. Without it a filter on something that was
        parsed repeats the parsing wherever it is mentioned, up to twenty times. Why a macro: what
        keeps an engine from repeating an expression differs; to DuckDB a condition that no row
        fails, and that it cannot foresee. -#}
    {{ return(adapter.dispatch('parsed_once')(expression)) }}
{%- endmacro %}

{% macro default__parsed_once(expression) -%}
    case when random() >= 0 then {{ expression }} end
{%- endmacro %}

{% macro spark__parsed_once(expression) -%}
    {{ expression }}
{%- endmacro %}

{% macro row_as_struct(alias) -%}
    {#- All columns of a row as one value, of which row_as_json makes JSON later. Why a macro: engines
        differ in how a row becomes a struct. -#}
    {{ return(adapter.dispatch('row_as_struct')(alias)) }}
{%- endmacro %}

{% macro default__row_as_struct(alias) -%}
    {{ alias }}
{%- endmacro %}

{% macro spark__row_as_struct(alias) -%}
    struct({{ alias }}.*)
{%- endmacro %}
