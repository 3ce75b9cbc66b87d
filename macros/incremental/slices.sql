{#- A full build of what is made of all events takes them slice by slice: so many dates at a time that
    sorting and grouping them fits into memory, however long the history is. What is redone by
    session date is right for any dates alone, so it is right for slices of them. -#}

{% macro slice_mark() -%}
    {#- Where the condition of a slice goes, see redone(). Without slices the mark is all rows. -#}
    {{ return('/* slice */ true') }}
{%- endmacro %}

{% macro slices() -%}
    {#- Conditions of consecutive session dates with about `events_per_slice` events each. -#}
    {%- set conditions = [] -%}
    {%- for first_date, last_date in run_query(
        'select min(session_date), max(session_date) from ('
        ~ 'select session_date, (sum(count(*)) over (order by session_date) - 1) // '
        ~ var('events_per_slice') ~ ' as slice_number from ' ~ api.Relation.create(
            database=target.get('database'), schema='intermediate', identifier='int_events_sessionized'
        ) ~ ' group by session_date) as dates group by slice_number order by slice_number'
    ).rows -%}
        {%- do conditions.append(
            "session_date between cast('" ~ first_date ~ "' as date) and cast('" ~ last_date
            ~ "' as date)"
        ) -%}
    {%- endfor -%}
    {{ return(conditions or ['true']) }}
{%- endmacro %}

{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {#- dbt's own, and what it leaves out of a query that is taken in slices. -#}
    {%- set mark = slice_mark() -%}
    {%- set is_sliced = language == 'sql' and mark in compiled_code -%}
    {%- set conditions = slices() if is_sliced else [mark] -%}
    {{ dbt.duckdb__create_table_as(
        temporary, relation, compiled_code | replace(mark, conditions[0]), language, **kwargs
    ) }}
    {%- for condition in conditions[1:] %}
    insert into {{ relation }} by name
    {{ compiled_code | replace(mark, condition) }};
    {%- endfor %}
{%- endmacro %}
