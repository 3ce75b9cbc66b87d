{% macro seconds_between(earlier, later) -%}
    {#- Seconds from one timestamp to another, to the millisecond. Why a macro: engines count time
        spans in different functions, some of them in whole units only. -#}
    {{ return(adapter.dispatch('seconds_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    cast(date_diff('millisecond', {{ earlier }}, {{ later }}) as double) / 1000
{%- endmacro %}

{% macro spark__seconds_between(earlier, later) -%}
    cast(
            unix_millis(cast({{ later }} as timestamp_ltz))
            - unix_millis(cast({{ earlier }} as timestamp_ltz)) as double
        ) / 1000
{%- endmacro %}
