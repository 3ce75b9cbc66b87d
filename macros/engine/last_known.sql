{% macro last_known(column, partition_by, order_by) -%}
    {#- The newest value of a column up to a row that is not null. Why a macro: engines write
        `ignore nulls` in different places. -#}
    {{ return(adapter.dispatch('last_known')(column, partition_by, order_by)) }}
{%- endmacro %}

{% macro default__last_known(column, partition_by, order_by) -%}
    last_value({{ column }} ignore nulls) over (
            partition by {{ partition_by | join(', ') }}
            order by {{ order_by | join(', ') }}
            rows between unbounded preceding and current row
        )
{%- endmacro %}
