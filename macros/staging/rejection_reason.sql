{% macro rejection_reason(raw_table, rules=[], moments={}) -%}
    {#- Why a raw row cannot be used, or null for a good row.

        The input contract (the columns of the source) says which columns are required and what
        type a value must convert to; `rules` adds pairs of (condition, reason) of the table's own;
        `moments` names the columns that timestamps were converted to already. The first thing wrong with a row names its reason. A blank value is a missing value. In a
        unit test dbt shows no graph, so that only `rules` are tested there. -#}
    {%- set type_names = {
        'timestamp': 'a timestamp', 'date': 'a date', 'integer': 'a whole number',
        'decimal': 'a number', 'boolean': 'true or false', 'json': 'JSON',
    } -%}
    {%- set table = namespace(columns={}) -%}
    {%- for source_node in graph.get('sources', {}).values() -%}
        {%- if [source_node.source_name, source_node.name] == raw_table -%}
            {%- set table.columns = source_node.columns -%}
        {%- endif -%}
    {%- endfor -%}
    case
    {%- for column in table.columns.values() %}
        {%- if column.config.meta.required %}
        when {{ is_blank(column.name) }}
            then '{{ column.name }} is missing'
        {%- endif %}
        {%- if column.data_type != 'text' %}
        when {{ does_not_convert(column.name, column.data_type, moments.get(column.name)) }}
            then '{{ column.name }} is not {{ type_names[column.data_type] }}'
        {%- endif %}
    {%- endfor %}
    {%- for condition, reason in rules %}
        when {{ condition }} then '{{ reason }}'
    {%- endfor %}
        else cast(null as {{ dbt.type_string() }})
    end
{%- endmacro %}
