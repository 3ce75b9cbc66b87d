{% macro query_parameter(url, name) -%}
    {#- Value of a parameter in an address's query, decoded; the first one, null without one. -#}
    {%- set pattern = '(?i)^[^#]*?[?&]' ~ name ~ '=([^&#]*)' -%}
    nullif({{ url_decoded("regexp_extract(" ~ url ~ ", '" ~ pattern ~ "', 1)") }}, '')
{%- endmacro %}
