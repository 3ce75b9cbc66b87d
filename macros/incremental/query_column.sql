{% macro query_column(query) -%}
    {#- The first column of a query's answer, as a list of texts. -#}
    {%- set values = [] -%}
    {%- for row in run_query(query).rows -%}
        {%- do values.append(row[0] | string) -%}
    {%- endfor -%}
    {{ return(values) }}
{%- endmacro %}
