{% macro is_json(column) -%}
    {#- True where a text is valid JSON. Why a macro: the check has another name on each engine. -#}
    {{ return(adapter.dispatch('is_json')(column)) }}
{%- endmacro %}

{% macro default__is_json(column) -%}
    json_valid({{ column }})
{%- endmacro %}

{% macro row_as_json(alias, withheld=[]) -%}
    {#- A whole row as JSON text, for rows kept in fct_rejected_rows: its values that are not null,
        by the names of their columns in lower case and in order, so that the text does not depend
        on the columns of other files. Columns that say who somebody is are `withheld`. Why a macro:
        engines differ in how a row becomes a struct. -#}
    {{ return(adapter.dispatch('row_as_json')(alias, withheld)) }}
{%- endmacro %}

{% macro columns_as_json(columns) -%}
    {#- Named columns as JSON text, as row_as_json gives it. Why a macro: engines differ in how a
        struct is made. -#}
    {{ return(adapter.dispatch('columns_as_json')(columns)) }}
{%- endmacro %}

{% macro default__columns_as_json(columns) -%}
    {{ default__row_as_json('struct_pack(' ~ columns | join(', ') ~ ')', []) }}
{%- endmacro %}

{% macro default__row_as_json(alias, withheld) -%}
    {%- set left_out = [] -%}
    {%- for column in withheld -%}
        {%- do left_out.append('"' ~ column ~ '": null') -%}
    {%- endfor -%}
    {%- set row_json -%}
        json_merge_patch('{}', to_json({{ alias }})
        {%- if left_out %}, '{ {{- left_out | join(', ') -}} }'{% endif %})
    {%- endset -%}
    {%- set entries -%}
        map_entries(from_json({{ row_json }}, '"MAP(VARCHAR, JSON)"'))
    {%- endset -%}
    cast(to_json(map_from_entries(list_sort(list_transform(
            {{ entries }}, lambda entry: struct_pack(name := lower(entry.key), value := entry.value)
        )))) as {{ dbt.type_string() }})
{%- endmacro %}
