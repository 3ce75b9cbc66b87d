{% macro span_number(column, seconds) -%}
    {#- Which of the spans of so many seconds a timestamp lies in, counted from 1970. Why a macro:
        engines count time from 1970 in different functions. -#}
    {{ return(adapter.dispatch('span_number')(column, seconds)) }}
{%- endmacro %}

{% macro default__span_number(column, seconds) -%}
    epoch_us({{ column }}) // {{ seconds * 1000000 }}
{%- endmacro %}

{% macro spark__span_number(column, seconds) -%}
    unix_micros(cast({{ column }} as timestamp_ltz)) div {{ seconds * 1000000 }}
{%- endmacro %}
