{% macro day_text(column) -%}
    {#- The day of a raw date or timestamp, as text in one form; what is no date, as it came. -#}
    coalesce(cast(try_cast({{ column }} as date) as {{ dbt.type_string() }}), {{ column }})
{%- endmacro %}
