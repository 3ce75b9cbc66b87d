{% macro to_utc(column) -%}
    {#- Raw text to a UTC timestamp, null where it is none. A value without a zone is read in
        source_timezone. Why a macro: engines differ in how they convert local time, and DuckDB drops
        an offset without a word when a text is cast to a timestamp. -#}
    {{ return(adapter.dispatch('to_utc')(column)) }}
{%- endmacro %}

{% macro default__to_utc(column) -%}
    {%- set local_time = 'try_cast(' ~ column ~ ' as timestamp)' -%}
    {%- if var('source_timezone') != 'UTC' -%}
        {%- set local_time = "timezone('UTC', timezone('" ~ var('source_timezone') ~ "', " ~ local_time ~ '))' -%}
    {%- endif -%}
    case
            when regexp_matches({{ column }}, ':.*(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then timezone('UTC', try_cast({{ column }} as timestamptz))
            else {{ local_time }}
        end
{%- endmacro %}

{% macro spark__to_utc(column) -%}
    {#- Spark takes a year, or an hour without minutes, for a timestamp too; DuckDB does not. -#}
    {%- set local_time = 'try_cast(' ~ column ~ ' as timestamp_ntz)' -%}
    {%- if var('source_timezone') != 'UTC' -%}
        {%- set local_time = "convert_timezone('" ~ var('source_timezone') ~ "', 'UTC', " ~ local_time ~ ')' -%}
    {%- endif -%}
    case
            when not regexp_like({{ column }}, '^ *[0-9]+-[0-9]{1,2}-[0-9]{1,2}($|[T ].*:)') then null
            when regexp_like({{ column }}, ':.*(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(try_cast({{ column }} as timestamp_ltz) as timestamp_ntz)
            else {{ local_time }}
        end
{%- endmacro %}
