{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- Layers are schemas by their own name (staging, intermediate, marts), without the target's
        name before them: BI queries `marts.fct_sessions` on every target. -#}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
