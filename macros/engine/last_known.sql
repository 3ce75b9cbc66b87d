{% macro last_known(column, partition_by, order_by) -%}
    {#- The newest value of a column up to a row that is not null. -#}
    {{ last_not_null(column) }} over (
            partition by {{ partition_by | join(', ') }}
            order by {{ order_by | join(', ') }}
            rows between unbounded preceding and current row
        )
{%- endmacro %}

{% macro last_not_null(column) -%}
    {#- The window function that gives the last value that is not null; `over` follows. Why a macro:
        engines write `ignore nulls` in different places. -#}
    {{ return(adapter.dispatch('last_not_null')(column)) }}
{%- endmacro %}

{% macro default__last_not_null(column) -%}
    last_value({{ column }} ignore nulls)
{%- endmacro %}

{% macro spark__last_not_null(column) -%}
    last_value({{ column }}) ignore nulls
{%- endmacro %}
