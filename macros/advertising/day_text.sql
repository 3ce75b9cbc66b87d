{% macro day_text(column) -%}
    {#- The day of a raw date or timestamp, as text in one form; what is no date, as it came. -#}
    coalesce(cast({{ as_day(column) }} as {{ dbt.type_string() }}), {{ column }})
{%- endmacro %}
