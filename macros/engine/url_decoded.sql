{% macro url_decoded(column) -%}
    {#- A text of an address with its %-escapes resolved; as it is where they are broken. Why a
        macro: engines have other names for it, and other errors. -#}
    {{ return(adapter.dispatch('url_decoded')(column)) }}
{%- endmacro %}

{% macro default__url_decoded(column) -%}
    coalesce(try(url_decode(replace({{ column }}, '+', ' '))), {{ column }})
{%- endmacro %}

{% macro spark__url_decoded(column) -%}
    coalesce(try_url_decode({{ column }}), {{ column }})
{%- endmacro %}
