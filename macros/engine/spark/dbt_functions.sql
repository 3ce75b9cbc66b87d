{#- dbt's own functions, where dbt-spark's round, fail on null or look at the text of a timestamp. -#}

{% macro shopspark__split_part(string_text, delimiter_text, part_number) -%}
    split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }})
{%- endmacro %}

{% macro shopspark__datediff(first_date, second_date, datepart) -%}
    {%- if datepart == 'day' -%}
        cast(datediff({{ second_date }}, {{ first_date }}) as bigint)
    {%- elif datepart == 'month' -%}
        cast(
            (year({{ second_date }}) - year({{ first_date }})) * 12
            + month({{ second_date }}) - month({{ first_date }}) as bigint
        )
    {%- else -%}
        {{ exceptions.raise_compiler_error('datediff on Spark counts days and months, not ' ~ datepart) }}
    {%- endif -%}
{%- endmacro %}

{% macro shopspark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    (cast({{ from_date_or_timestamp }} as timestamp_ntz) + interval '1' {{ datepart }} * ({{ interval }}))
{%- endmacro %}

{% macro shopspark__safe_cast(field, type) -%}
    try_cast({{ field }} as {{ type }})
{%- endmacro %}

{% macro shopspark__escape_single_quotes(expression) -%}
    {{ expression | replace('\\', '\\\\') | replace("'", "''") }}
{%- endmacro %}
