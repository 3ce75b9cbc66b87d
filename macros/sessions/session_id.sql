{% macro session_id() -%}
    {#- The surrogate key of a session, of its visitor and start: of many rows it is made faster than
        it is looked up. -#}
    md5(concat(visitor_id, '|', cast(session_start_at as {{ dbt.type_string() }})))
{%- endmacro %}
