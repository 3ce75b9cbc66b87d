{% macro as_decimal(number, digits=2) -%}
    {#- A floating-point number as a decimal, halves away from zero. No double is exactly 269.905, and
        engines that round it at once make 269.90 or 269.91 of it. -#}
    cast(cast({{ number }} as decimal(28, 8)) as decimal(18, {{ digits }}))
{%- endmacro %}

{% macro rounded(number, digits) -%}
    {#- A floating-point number rounded in the same way, to fewer than 8 digits. -#}
    cast({{ as_decimal(number, digits) }} as double)
{%- endmacro %}
