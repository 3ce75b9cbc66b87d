{% macro report_row_count() -%}
    {#- A post-hook: says, to Dagster alone, how many rows the table has, while dbt holds the
        warehouse and nobody else can ask. Views are not counted: that would mean computing them. -#}
    {%- if execute and env_var('DAGSTER_DBT_CLI', '') and config.get('materialized') != 'view' -%}
        {%- set row_count = query_column('select count(*) from ' ~ this)[0] | int -%}
        {{ log(tojson({'row_count': row_count}), info=true) }}
    {%- endif -%}
{%- endmacro %}
