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

{% macro row_as_untidy_json(alias) -%}
    {#- A whole row as JSON text, nulls and all, in a tenth of row_as_json's time: for events of
        adapters, whose reasons for a rejection are found in JSON, so that the engine makes this of
        every row before it knows which ones are rejected. tidy_json makes row_as_json of it. Why a
        macro: as row_as_json. -#}
    {{ return(adapter.dispatch('row_as_untidy_json')(alias)) }}
{%- endmacro %}

{% macro default__row_as_untidy_json(alias) -%}
    cast(to_json({{ alias }}) as {{ dbt.type_string() }})
{%- endmacro %}

{% macro tidy_json(column) -%}
    {#- The JSON text of a row as row_as_json gives it; what is tidy stays as it is. Why a macro: as
        row_as_json. -#}
    {{ return(adapter.dispatch('tidy_json')(column)) }}
{%- endmacro %}

{% macro default__tidy_json(column) -%}
    {%- set tidied = default__row_as_json('cast(' ~ column ~ ' as json)', []) -%}
    case when {{ column }} is not null then {{ tidied }} end
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
