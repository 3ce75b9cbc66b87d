{% macro number_of(text) -%}
    {#- A whole number of 63 bits that is always the same for the same text, also in another version of
        the engine, so that it may be stored. Other texts may share it: test that they do not. Why a
        macro: engines make numbers of hashes each in their own way. -#}
    {{ return(adapter.dispatch('number_of')(text)) }}
{%- endmacro %}

{% macro default__number_of(text) -%}
    cast(md5_number_lower({{ text }}) >> 1 as bigint)
{%- endmacro %}
