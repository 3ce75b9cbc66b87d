{% macro number_series(last) -%}
    {#- A query of the whole numbers from 0 to `last`, in a column named number. Why a macro: engines
        generate series each in their own way. -#}
    {{ return(adapter.dispatch('number_series')(last)) }}
{%- endmacro %}

{% macro default__number_series(last) -%}
    select cast(number as bigint) as number from range({{ last + 1 }}) as numbers(number)
{%- endmacro %}

{% macro spark__number_series(last) -%}
    select id as number from range({{ last + 1 }})
{%- endmacro %}
