{% macro first_and_last(relation, column) -%}
    {#- The first and the last moment of a column, as SQL: literals of what the table holds now,
        because by literals engines skip what they store by date. -#}
    {%- set moments = 'select min(' ~ column ~ '), max(' ~ column ~ ') from ' ~ relation -%}
    {%- if not execute or '__dbt__cte__' in (relation | string) -%}
        {{ return([
            '(select min(' ~ column ~ ') from ' ~ relation ~ ')',
            '(select max(' ~ column ~ ') from ' ~ relation ~ ')',
        ]) }}
    {%- endif -%}
    {%- set literals = [] -%}
    {%- for moment in run_query(moments).rows[0].values() -%}
        {%- do literals.append(
            "cast('" ~ moment ~ "' as timestamp)" if moment else 'cast(null as timestamp)'
        ) -%}
    {%- endfor -%}
    {{ return(literals) }}
{%- endmacro %}
