{#- What raw texts mean. Why macros: engines take other texts for a number, a day or a truth value. -#}

{% macro whole_number(text) -%}
    {#- A whole number, also written 2.0 or 1e3; with places it is rounded. -#}
    {{ return(adapter.dispatch('whole_number')(text)) }}
{%- endmacro %}

{% macro default__whole_number(text) -%}
    try_cast({{ text }} as bigint)
{%- endmacro %}

{% macro spark__whole_number(text) -%}
    coalesce(
            try_cast({{ text }} as bigint),
            try_cast(round(try_cast({{ text }} as decimal(38, 10)), 0) as bigint)
        )
{%- endmacro %}

{% macro true_or_false(text) -%}
    {{ return(adapter.dispatch('true_or_false')(text)) }}
{%- endmacro %}

{% macro default__true_or_false(text) -%}
    try_cast({{ text }} as boolean)
{%- endmacro %}

{% macro spark__true_or_false(text) -%}
    {#- Spark passes over blanks, DuckDB does not. -#}
    case
            when not regexp_like({{ text }}, '[^A-Za-z0-9]') then try_cast({{ text }} as boolean)
        end
{%- endmacro %}

{% macro as_day(text) -%}
    {#- The day of a date or of a time. -#}
    {{ return(adapter.dispatch('as_day')(text)) }}
{%- endmacro %}

{% macro default__as_day(text) -%}
    try_cast({{ text }} as date)
{%- endmacro %}

{% macro spark__as_day(text) -%}
    {#- Spark takes a year, a month, and a date before anything at all for a day. -#}
    case
            when regexp_like({{ text }}, '^ *[0-9]+[-/][0-9]+[-/][0-9]+( *$|[T ].*:)')
                then cast(try_cast({{ spark_dashes(text) }} as timestamp_ntz) as date)
        end
{%- endmacro %}

{% macro spark_dashes(text) -%}
    {#- 2025-03-01 of 2025/03/01. -#}
    regexp_replace({{ text }}, '^( *[0-9]+)/([0-9]+)/', '$1-$2-')
{%- endmacro %}
