{% macro get_incremental_replace_days_sql(arguments) -%}
    {#- The incremental strategy of every table partitioned by session_date: whole days leave, whole
        days enter, in one transaction. A day may lose its last session to the day before, so the
        days to delete are asked for and not read off the new rows. -#}
    {%- set columns = get_quoted_csv(arguments.dest_columns | map(attribute='name')) -%}
    delete from {{ arguments.target_relation }}
    where session_date in ({{ days_to_replace() }});

    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments.temp_relation }}
{%- endmacro %}

{% macro days_to_replace() -%}
    {#- The days of the current model that this build writes anew, as a list of SQL dates. The
        sessionized events replace the days that new rows touch. All that is derived from them
        replaces each day whose version is not the one it was built from: so a build that was
        killed half-way is made good by the next. A derived model takes its day_version from
        int_session_days, or names it in a depends_on comment: dbt cannot see that it is read here. -#}
    {%- if not execute -%}
        {{ return('cast(null as date)') }}
    {%- endif -%}
    {%- set derived -%}
        select coalesce(stored.session_date, current_days.session_date) as session_date
        from {{ api.Relation.create(
            database=target.database, schema='intermediate', identifier='int_session_days'
        ) }} as current_days
        full outer join (select distinct session_date, day_version from {{ this }}) as stored
            on current_days.session_date = stored.session_date
        where stored.day_version is distinct from current_days.day_version
    {%- endset -%}
    {%- set touched -%}
        select session_date from {{ api.Relation.create(
            database=target.database, schema='intermediate', identifier='int_days_touched'
        ) }}
    {%- endset -%}
    {%- set days = query_column(touched if model.name == 'int_events_sessionized' else derived) -%}
    {%- set literals = [] -%}
    {%- for day in days -%}
        {%- do literals.append("cast('" ~ day ~ "' as date)") -%}
    {%- endfor -%}
    {{ return(literals | join(', ') or 'cast(null as date)') }}
{%- endmacro %}
