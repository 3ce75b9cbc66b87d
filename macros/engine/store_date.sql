{% macro store_date(timestamp_column) -%}
    {#- The calendar date of a UTC timestamp in the store's time zone. Why a macro: engines differ
        in time-zone functions, and a store in UTC needs none. -#}
    {{ return(adapter.dispatch('store_date')(timestamp_column)) }}
{%- endmacro %}

{% macro default__store_date(timestamp_column) -%}
    {%- if var('store_timezone') == 'UTC' -%}
        cast({{ timestamp_column }} as date)
    {%- else -%}
        cast(timezone(
            '{{ var("store_timezone") }}', timezone('UTC', {{ timestamp_column }})
        ) as date)
    {%- endif -%}
{%- endmacro %}

{% macro spark__store_date(timestamp_column) -%}
    {%- if var('store_timezone') == 'UTC' -%}
        cast({{ timestamp_column }} as date)
    {%- else -%}
        cast(convert_timezone('UTC', '{{ var("store_timezone") }}', {{ timestamp_column }}) as date)
    {%- endif -%}
{%- endmacro %}
