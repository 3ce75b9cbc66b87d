{% macro money(number, digits=2) -%}
    {#- A floating-point amount as a decimal, half a cent rounded up. No double is exactly 269.905,
        and engines that round it at once make 269.90 or 269.91 of it. -#}
    cast(cast({{ number }} as decimal(28, 8)) as decimal(18, {{ digits }}))
{%- endmacro %}
