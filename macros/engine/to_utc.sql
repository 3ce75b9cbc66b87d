{% macro to_utc(column) -%}
    {#- Raw text to a UTC timestamp, null where it is none. A value without a zone is read in
        source_timezone. Why a macro: engines differ in how they convert local time. -#}
    {{ return(adapter.dispatch('to_utc')(column)) }}
{%- endmacro %}

{% macro default__to_utc(column) -%}
    {%- if var('source_timezone') == 'UTC' -%}
        try_cast({{ column }} as timestamp)
    {%- else -%}
        case
            when regexp_matches({{ column }}, '(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then try_cast({{ column }} as timestamp)
            else timezone('UTC', timezone(
                '{{ var("source_timezone") }}', try_cast({{ column }} as timestamp)
            ))
        end
    {%- endif -%}
{%- endmacro %}
