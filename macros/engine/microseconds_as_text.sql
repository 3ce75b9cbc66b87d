{% macro microseconds_as_text(column) -%}
    {#- Microseconds since 1970, a text of digits, as the text of a UTC timestamp; any other text as
        it came. Why a macro: engines count time from 1970 in different functions. -#}
    {{ return(adapter.dispatch('microseconds_as_text')(column)) }}
{%- endmacro %}

{% macro default__microseconds_as_text(column) -%}
    {#- DuckDB's make_timestamp fails beyond its last year. -#}
    coalesce(
            cast(try(make_timestamp(try_cast({{ column }} as bigint))) as varchar) || 'Z',
            {{ column }}
        )
{%- endmacro %}

{% macro spark__microseconds_as_text(column) -%}
    coalesce(
            concat(cast(timestamp_micros(try_cast({{ column }} as bigint)) as string), 'Z'),
            {{ column }}
        )
{%- endmacro %}
