{% macro hash64(column) -%}
    {#- A whole number that is the same for the same text. Other texts may share it: good enough to
        leave rows out of a comparison, never to decide one. Why a macro: every engine has its
        own. -#}
    {{ return(adapter.dispatch('hash64')(column)) }}
{%- endmacro %}

{% macro default__hash64(column) -%}
    hash({{ column }})
{%- endmacro %}

{% macro spark__hash64(column) -%}
    xxhash64({{ column }})
{%- endmacro %}
