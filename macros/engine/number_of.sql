{% macro number_of(text) -%}
    {#- A whole number of 63 bits that is always the same for the same text, also in another version of
        the engine, so that it may be stored. Other texts may share it: test that they do not. Why a
        macro: engines make numbers of hashes each in their own way. -#}
    {{ return(adapter.dispatch('number_of')(text)) }}
{%- endmacro %}

{% macro default__number_of(text) -%}
    cast(md5_number_lower({{ text }}) >> 1 as bigint)
{%- endmacro %}

{% macro spark__number_of(text) -%}
    {#- DuckDB reads the last eight bytes of the hash backwards. -#}
    {%- set bytes = [] -%}
    {%- for position in range(31, 15, -2) -%}
        {%- do bytes.append('substr(md5(' ~ text ~ '), ' ~ position ~ ', 2)') -%}
    {%- endfor -%}
    cast(floor(
            cast(conv(concat({{ bytes | join(', ') }}), 16, 10) as decimal(20, 0)) / 2
        ) as bigint)
{%- endmacro %}
