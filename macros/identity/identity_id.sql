{% macro identity_id(kind, identifier) -%}
    {#- The surrogate key of an identifier of a kind (visitor, customer, email, phone). It says nothing
        about a person that the identifier, a pseudonym or a keyed hash, does not say. -#}
    md5(concat({{ kind }}, '|', {{ identifier }}))
{%- endmacro %}
