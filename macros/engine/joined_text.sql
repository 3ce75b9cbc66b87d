{% macro joined_text(column, separator, order_by) -%}
    {#- An aggregate: the texts of a group in their order, joined by a separator. Why a macro:
        engines aggregate texts each in their own way, and not all of them keep an order. -#}
    {{ return(adapter.dispatch('joined_text')(column, separator, order_by)) }}
{%- endmacro %}

{% macro default__joined_text(column, separator, order_by) -%}
    string_agg({{ column }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}

{% macro spark__joined_text(column, separator, order_by) -%}
    listagg({{ column }}, '{{ separator }}') within group (order by {{ order_by }})
{%- endmacro %}
