{% macro url_decoded(column) -%}
    {#- A text of an address with its %-escapes resolved; as it is where they are broken. Why a
        macro: engines have other names for it, and other errors. -#}
    {{ return(adapter.dispatch('url_decoded')(column)) }}
{%- endmacro %}

{% macro default__url_decoded(column) -%}
    case
            when regexp_full_match({{ column }}, '([^%]|%[0-9A-Fa-f]{2})*')
                then coalesce(try(url_decode(replace({{ column }}, '+', ' '))), {{ column }})
            else {{ column }}
        end
{%- endmacro %}

{% macro spark__url_decoded(column) -%}
    {#- What is not UTF-8 is broken too: Java puts U+FFFD there. -#}
    {%- set decoded = 'try_url_decode(' ~ column ~ ')' -%}
    case
            when position(decode(unhex('EFBFBD'), 'UTF-8') in {{ decoded }}) > 0 then {{ column }}
            else coalesce({{ decoded }}, {{ column }})
        end
{%- endmacro %}
