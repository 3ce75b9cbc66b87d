{% macro is_json(column) -%}
    {#- True where a text is valid JSON. Why a macro: the check has another name on each engine. -#}
    {{ return(adapter.dispatch('is_json')(column)) }}
{%- endmacro %}

{% macro default__is_json(column) -%}
    json_valid({{ column }})
{%- endmacro %}

{% macro row_as_json(alias) -%}
    {#- A whole row as JSON text, for rows kept in fct_rejected_rows. Why a macro: engines differ in
        how a row becomes a struct. -#}
    {{ return(adapter.dispatch('row_as_json')(alias)) }}
{%- endmacro %}

{% macro default__row_as_json(alias) -%}
    cast(to_json({{ alias }}) as {{ dbt.type_string() }})
{%- endmacro %}
