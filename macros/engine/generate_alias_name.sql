{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {#- The name without a suffix is always the latest version of a mart; older ones end in _v<n>. -#}
    {%- if custom_alias_name -%}
        {{ custom_alias_name | trim }}
    {%- elif node.version and node.version != node.latest_version -%}
        {{ node.name }}_v{{ node.version }}
    {%- else -%}
        {{ node.name }}
    {%- endif -%}
{%- endmacro %}
