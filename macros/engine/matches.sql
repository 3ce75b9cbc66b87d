{% macro matches(text, pattern) -%}
    {#- Whether a regular expression, an SQL literal or a column, matches somewhere in a text. Why a
        macro: the function has another name on each engine. -#}
    {{ return(adapter.dispatch('matches')(text, pattern)) }}
{%- endmacro %}

{% macro default__matches(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro spark__matches(text, pattern) -%}
    regexp_like({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro replaced_everywhere(text, pattern, replacement) -%}
    {#- A text with all matches of a regular expression replaced. Why a macro: some engines replace the
        first one alone unless they are told. -#}
    {{ return(adapter.dispatch('replaced_everywhere')(text, pattern, replacement)) }}
{%- endmacro %}

{% macro default__replaced_everywhere(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, {{ replacement }}, 'g')
{%- endmacro %}

{% macro spark__replaced_everywhere(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, {{ replacement }})
{%- endmacro %}

{% macro without_blank_before_zone(column) -%}
    {#- The text of a time whose zone stands after a blank, 10:00:00 -0400, without the blank. Why a
        macro: engines name a group of a pattern in their own way. -#}
    {{ return(adapter.dispatch('without_blank_before_zone')(column)) }}
{%- endmacro %}

{% macro default__without_blank_before_zone(column) -%}
    regexp_replace({{ column }}, ' +([+-][0-9:]+) *$', '\1')
{%- endmacro %}

{% macro spark__without_blank_before_zone(column) -%}
    regexp_replace({{ column }}, ' +([+-][0-9:]+) *$', '$1')
{%- endmacro %}
