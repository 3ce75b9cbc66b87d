{% macro spark__redo_keys_sql(arguments) -%}
    {#- As elsewhere, without a transaction: while rows are written the books say so, and a build that
        finds it said makes the table anew. Nothing is written where no row differs. -#}
    {%- set names = arguments.dest_columns | map(attribute='name') | list -%}
    {%- set columns = get_quoted_csv(names) -%}
    {%- set row_keys = arguments.unique_key | join(', ') -%}
    {%- set made = arguments.temp_relation -%}
    {%- set stored = '(select * from ' ~ arguments.target_relation ~ ' where '
        ~ is_to_redo(is_stored=true) ~ ')' -%}
    {%- set changed = 'scratch.' ~ model.name ~ '__changed' -%}
    {%- set left = '(select * from ' ~ changed ~ ' where is_leaving)' -%}
    {%- set entered = '(select * from ' ~ changed ~ ' where not is_leaving)' -%}
    {%- do run_query(
        'create table ' ~ changed ~ ' using parquet as select *, true as is_leaving from ('
        ~ rows_that_leave(stored, made, columns) ~ ') as leaving union all select *, false from ('
        ~ rows_that_enter(stored, made, columns) ~ ') as entering'
    ) -%}
    {%- set is_by_date = is_stored_by_date() and spark_file_format() == 'parquet' -%}
    {%- set touched = query_column(
        'select distinct ' ~ ('session_date' if is_by_date else 'true') ~ ' from ' ~ changed
    ) -%}
    {%- if touched -%}
        {%- set staying = 'not (' ~ is_to_redo(is_stored=true) ~ ')' if rebuild_range()
            else not_among(arguments.unique_key, 'select ' ~ row_keys ~ ' from ' ~ left) -%}
        {%- do note_being_written() -%}
        {%- do run_query(
            spark_days_overwritten(arguments.target_relation, touched, staying, entered, columns)
            if is_by_date else
            spark_rows_changed(arguments.target_relation, staying, entered, columns)
        ) -%}
    {%- endif -%}
    {{ note_changes(names, left, entered) }}
{%- endmacro %}

{% macro spark__listed_keys(query) -%}
    {#- As a table: Spark would plan and run the query for every input of the model. -#}
    {%- set table = 'scratch.' ~ model.name ~ '__keys' -%}
    {%- do run_query('drop table if exists ' ~ table) -%}
    {%- do run_query('create table ' ~ table ~ ' using parquet as ' ~ query) -%}
    {{ return('select * from ' ~ table) }}
{%- endmacro %}

{% macro note_being_written() -%}
    {#- Until note_changes or note_rebuilt says otherwise the table cannot be continued. -#}
    {%- for hash, number, rebuilt in run_query(
        "select definition_hash, change_number, rebuilt_number from bookkeeping.states"
        ~ " where model_name = '" ~ model.name ~ "'"
    ).rows -%}
        {%- do run_query(state_noted(
            being_written() ~ hash.removeprefix(being_written()), number, rebuilt, ''
        )) -%}
    {%- endfor -%}
{%- endmacro %}

{% macro is_stored_by_date() -%}
    {#- Whether the current model is stored in partitions by session date: what is made of the events
        themselves, whose touched days are replaced. -#}
    {{ return(
        'session_date' in model.config.meta.get('redone_by', [])
        and model.config.schema == 'intermediate'
        and 'model.' ~ project_name ~ '.int_events_sessionized'
        in model.depends_on.nodes + [model.unique_id]
    ) }}
{%- endmacro %}

{% macro spark_days_overwritten(relation, dates, staying, entered, columns) -%}
    {#- Dynamic partition overwrite: a day that keeps rows is replaced, one that does not is dropped. A
        day is one file, or several where it is large: so many tasks write it. -#}
    {%- set kept -%}
        select {{ columns }} from {{ relation }}
        where session_date in ({{ date_list(dates) }}) and {{ staying }}
        union all
        select {{ columns }} from {{ entered }}
    {%- endset -%}
    {%- set filled = query_column('select distinct session_date from (' ~ kept ~ ') as days') -%}
    insert overwrite table {{ relation }} partition (session_date) ({{ columns }})
    select /*+ rebalance(session_date) */ * from ({{ kept }}) as days;
    {%- for date in dates if date not in filled %}
    alter table {{ relation }} drop if exists partition (session_date = '{{ date }}');
    {%- endfor %}
{%- endmacro %}
