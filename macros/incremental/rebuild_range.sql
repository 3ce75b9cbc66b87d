{% macro rebuild_range() -%}
    {#- The first and the last session date that this build cuts again from the landed files, as
        texts, or none in an ordinary build. Not rules: they say which rows are written again, not
        what rows mean. -#}
    {%- set given = {'rebuild_from': var('rebuild_from'), 'rebuild_to': var('rebuild_to')} -%}
    {%- set dates = [] -%}
    {%- for name, value in given.items() if value is not none -%}
        {%- do dates.append(checked_date(name, value | string)) -%}
    {%- endfor -%}
    {%- if dates | length == 1 -%}
        {{ exceptions.raise_compiler_error(
            "rebuild_from and rebuild_to belong together: give both, for one day the same date "
            ~ "twice: dbt build --vars '{rebuild_from: 2025-03-01, rebuild_to: 2025-03-07}'"
        ) }}
    {%- elif dates and dates[0] > dates[1] -%}
        {{ exceptions.raise_compiler_error(
            'rebuild_from (' ~ dates[0] ~ ') is after rebuild_to (' ~ dates[1] ~ ')'
        ) }}
    {%- endif -%}
    {{ return(dates or none) }}
{%- endmacro %}

{% macro checked_date(name, text) -%}
    {#- The text, if it is a date of the calendar. Counting days from the first of the month gives
        another text where the month has no such day; Jinja cannot catch what a parser raises. -#}
    {%- if modules.re.match('^[12][0-9]{3}-(0[1-9]|1[0-2])-[0-9]{2}$', text) -%}
        {%- set first_of_month = modules.datetime.date.fromisoformat(text[:8] ~ '01') -%}
        {%- set day = first_of_month + modules.datetime.timedelta(days=(text[8:] | int) - 1) -%}
        {%- if day | string == text -%}
            {{ return(text) }}
        {%- endif -%}
    {%- endif -%}
    {{ exceptions.raise_compiler_error(
        name ~ " is '" ~ text ~ "', which is not a date: write it like 2025-03-01"
    ) }}
{%- endmacro %}

{% macro in_rebuild_range(column) -%}
    {#- SQL: whether a date lies in the range. -#}
    {%- set first, last = rebuild_range() -%}
    {{ column }} between cast('{{ first }}' as date) and cast('{{ last }}' as date)
{%- endmacro %}
