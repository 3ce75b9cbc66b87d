{% macro first_and_last(relation, column, margin) -%}
    {#- The first and the last moment of a column, by a margin earlier and later, as SQL: literals of
        what the table holds now, because by literals engines skip what they store by date. -#}
    {%- set first, last = 'min(' ~ column ~ ') - ' ~ margin, 'max(' ~ column ~ ') + ' ~ margin -%}
    {%- if not execute or '__dbt__cte__' in (relation | string) -%}
        {{ return([
            '(select ' ~ first ~ ' from ' ~ relation ~ ')',
            '(select ' ~ last ~ ' from ' ~ relation ~ ')',
        ]) }}
    {%- endif -%}
    {%- set literals = [] -%}
    {%- for moment in run_query(
        'select ' ~ first ~ ', ' ~ last ~ ' from ' ~ relation
    ).rows[0].values() -%}
        {%- do literals.append(
            "cast('" ~ moment ~ "' as timestamp)" if moment else 'cast(null as timestamp)'
        ) -%}
    {%- endfor -%}
    {{ return(literals) }}
{%- endmacro %}
