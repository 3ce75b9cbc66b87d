{% macro consent_pattern(purpose) -%}
    {#- A pattern of the names that consent managers give to a purpose (analytics or ads), by the var
        consent_categories; for texts in lower case. -#}
    {%- set names = [] -%}
    {%- for name in var('consent_categories')[purpose] -%}
        {%- do names.append(modules.re.escape(name | lower) | replace("'", "''")) -%}
    {%- endfor -%}
    "({{ names | join('|') }})"
{%- endmacro %}
