{% macro sort_key(columns) -%}
    {#- Several columns as one value that is ordered by the first, then by the second, and so on, for
        min_by and max_by. Why a macro: engines build such a value each in their own way. -#}
    {{ return(adapter.dispatch('sort_key')(columns)) }}
{%- endmacro %}

{% macro default__sort_key(columns) -%}
    row({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__sort_key(columns) -%}
    struct({{ columns | join(', ') }})
{%- endmacro %}
