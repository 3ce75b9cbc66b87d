{% macro consent_pattern(purpose) -%}
    {#- A pattern of the names that consent managers give to a purpose (analytics or ads), by the var
        consent_categories; for texts in lower case. -#}
    {%- set names = [] -%}
    {%- for name in var('consent_categories')[purpose] -%}
        {#- Classes, because engines disagree on a backslash in a text. -#}
        {%- set pattern = modules.re.sub('[.*+?(){}|$]', '[\\g<0>]', name | lower) -%}
        {%- do names.append(modules.re.sub('[\\\\^]', '.', pattern) | replace("'", "''")) -%}
    {%- endfor -%}
    "({{ names | join('|') }})"
{%- endmacro %}
