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
    {#- The cast passes over what follows a time, be it another zone or PM: a letter makes it none.
        Most texts end in a digit and have no sign after a colon: the rest takes three times as long. -#}
    case
            when
                {{ column }}[-1] between '0' and '9'
                and not contains({{ column }}, '+')
                and {{ column }} not like '%:%-%'
                then {{ local_time }}
            when regexp_matches({{ column }}, ':.*(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?) *$')
                then timezone('UTC', coalesce(
                    try_cast({{ column }} as timestamptz),
                    try_cast({{ without_blank_before_zone(column) }} as timestamptz)
                ))
            when right(rtrim({{ column }}), 1) > '9' then null
            else {{ local_time }}
        end
{%- endmacro %}

{% macro spark__to_utc(column) -%}
    {#- Spark takes a year, or an hour without minutes, for a timestamp too; DuckDB does not. It takes a
        zone after seconds alone: where there are none they are 0. -#}
    {%- set text = spark_dashes(column) -%}
    {%- set with_seconds = 'regexp_replace(' ~ text
        ~ ", '^([^:]*:[0-9]{2})( *(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?) *)$', '$1:00$2')" -%}
    {%- set local_time = 'try_cast(' ~ text ~ ' as timestamp_ntz)' -%}
    {%- if var('source_timezone') != 'UTC' -%}
        {%- set local_time = spark_later_utc(local_time, var('source_timezone')) -%}
    {%- endif -%}
    case
            when not regexp_like({{ column }}, '^ *[0-9]+[-/][0-9]+[-/][0-9]+( *$|[T ].*:)') then null
            when regexp_like({{ column }}, ':.*(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?) *$')
                then cast(try_cast({{ with_seconds }} as timestamp_ltz) as timestamp_ntz)
            when right(rtrim({{ column }}), 1) > '9' then null
            else {{ local_time }}
        end
{%- endmacro %}

{% macro spark_later_utc(local_time, zone) -%}
    {#- Of an hour that comes twice in autumn the later one, as on DuckDB; Spark takes the earlier. -#}
    {%- set plain = "convert_timezone('" ~ zone ~ "', 'UTC', " ~ local_time ~ ')' -%}
    {%- set later = "convert_timezone('" ~ zone ~ "', 'UTC', " ~ local_time ~ " + interval '1' hour)"
        ~ " - interval '1' hour" -%}
    case
                when convert_timezone('UTC', '{{ zone }}', {{ later }}) = {{ local_time }}
                    then {{ later }}
                else {{ plain }}
            end
{%- endmacro %}
