{% macro is_blank(column) -%}
    {#- Whether a text is missing, or spaces alone. A text that begins with a printed character of
        ASCII is not, and need not be trimmed: that costs more than all else that is checked. -#}
    {{ column }} is null
            or (({{ column }} < '!' or {{ column }} > '~') and trim({{ column }}) = '')
{%- endmacro %}
