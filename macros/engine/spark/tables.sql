{#- How dbt makes tables and views on Spark. -#}

{% macro shopspark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {#- A temporary table is a view of the connection. What runs in slices elsewhere does not here:
        Spark spills by itself. -#}
    {%- if language == 'python' -%}
        {{ compiled_code }}
    {%- elif temporary -%}
        create or replace temporary view {{ relation.include(schema=false) }} as
        {{ compiled_code }}
    {%- else -%}
        {%- if config.get('contract').enforced -%}
            {{ get_assert_columns_equivalent(compiled_code) }}
            {%- set compiled_code = get_select_subquery(compiled_code) -%}
        {%- endif -%}
        create table {{ relation }}
        using {{ spark_file_format() }}
        {%- if is_stored_by_date() %}
        partitioned by (session_date)
        {%- endif %}
        {{ comment_clause() }}
        as
        {%- if is_stored_by_date() %}
        select /*+ rebalance(session_date) */ * from (
        {%- endif %}
        {{ compiled_code }}
        {%- if is_stored_by_date() %}
        ) as days
        {%- endif %}
    {%- endif -%}
{%- endmacro %}

{% macro spark_file_format() -%}
    {{ return(var('spark_file_format')) }}
{%- endmacro %}

{% macro shopspark__comment_clause() -%}
    comment '{{ dbt.escape_single_quotes(model.description) }}'
{%- endmacro %}

{% macro shopspark__create_view_as(relation, sql) -%}
    create or replace view {{ relation }}
    {{ comment_clause() }}
    as
    {{ sql }}
{%- endmacro %}

{% materialization view, adapter='shopspark' -%}
    {#- Marts become tables, which programs can read without Spark. -#}
    {{ return(materialization_table_spark() if model.config.schema == 'marts'
        else create_or_replace_view()) }}
{%- endmaterialization %}

{% macro shopspark__persist_docs(relation, model, for_relation, for_columns) -%}
    {#- The comment of a table is written with it; columns of Parquet tables get none. -#}
{%- endmacro %}

{% macro shopspark__make_temp_relation(base_relation, suffix) -%}
    {{ return(base_relation.incorporate(
        path={'identifier': base_relation.identifier ~ suffix}, type='view'
    ).include(database=false, schema=false)) }}
{%- endmacro %}

{% materialization incremental, adapter='shopspark' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is none or existing.is_view or should_full_refresh() -%}
        {%- if is_redone(model) -%}
            {%- do note_being_written() -%}
        {%- endif -%}
        {#- A table that is stored whole stays until the new one is there: others may read it. -#}
        {%- set is_swapped = existing and not existing.is_view and not is_stored_by_date() -%}
        {%- set written = target_relation.incorporate(
            path={'identifier': this.identifier ~ '__next'}
        ) if is_swapped else target_relation -%}
        {%- if is_swapped -%}
            {%- do run_query('drop table if exists ' ~ written) -%}
        {%- elif existing -%}
            {%- do adapter.drop_relation(existing) -%}
        {%- endif -%}
        {%- call statement('main') -%}
            {{ create_table_as(false, written, compiled_code) }}
        {%- endcall -%}
        {%- do persist_constraints(written, model) -%}
        {%- if is_swapped -%}
            {%- do run_query(spark_table_swapped(target_relation)) -%}
        {%- endif -%}
    {%- else -%}
        {%- set new_rows = this.incorporate(
            path={'schema': 'scratch', 'identifier': this.identifier ~ '__new'}, type='table'
        ) -%}
        {%- do run_query(
            'create table ' ~ new_rows ~ ' using ' ~ spark_file_format() ~ ' as ' ~ compiled_code
        ) -%}
        {%- do persist_constraints(new_rows, model) -%}
        {%- call statement('main') -%}
            {{ adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy'))({
                'target_relation': target_relation, 'temp_relation': new_rows,
                'unique_key': config.get('unique_key'),
                'dest_columns': adapter.get_columns_in_relation(target_relation),
            }) }}
        {%- endcall -%}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}

{% macro shopspark__load_csv_rows(model, agate_table) -%}
    {#- From the file itself: dbt's reader takes the word null for a missing value. As literals,
        because dbt-spark puts values with quotation marks into SQL as they are. -#}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set statements = [] -%}
    {%- for chunk in adapter.seed_rows(model.original_file_path) | batch(500) -%}
        {%- set rows = [] -%}
        {%- for row in chunk -%}
            {%- set values = [] -%}
            {%- for name, value in row.items() -%}
                {%- set literal = 'null' if value == ''
                    else "'" ~ dbt.escape_single_quotes(value) ~ "'" -%}
                {%- do values.append('cast(' ~ literal ~ ' as ' ~ types.get(
                    name, adapter.convert_type(agate_table, loop.index0)
                ) ~ ')') -%}
            {%- endfor -%}
            {%- do rows.append('(' ~ values | join(', ') ~ ')') -%}
        {%- endfor -%}
        {%- do statements.append('insert into ' ~ this ~ ' values ' ~ rows | join(', ')) -%}
        {%- do run_query(statements[-1]) -%}
    {%- endfor -%}
    {{ return(statements | first) }}
{%- endmacro %}

{% macro shopspark__persist_constraints(relation, model) -%}
    {#- Spark keeps no `not null` of a Parquet table, so what was written is looked at. -#}
    {%- set columns = [] -%}
    {%- for column in model.columns.values()
        if config.get('contract').enforced
        and 'not_null' in column.constraints | map(attribute='type') | map('string') | list -%}
        {%- do columns.append(column.name) -%}
    {%- endfor -%}
    {%- set counts = [] -%}
    {%- for column in columns -%}
        {%- do counts.append('count(*) - count(' ~ column ~ ')') -%}
    {%- endfor -%}
    {%- if counts -%}
        {%- set found = run_query('select ' ~ counts | join(', ') ~ ' from ' ~ relation).rows[0] -%}
        {%- for column in columns -%}
            {%- if found[loop.index0] > 0 -%}
                {{ exceptions.raise_compiler_error(
                    relation ~ ': ' ~ found[loop.index0] ~ ' rows have no ' ~ column
                    ~ ', which its contract says is never null'
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro shopspark__get_incremental_delete_insert_sql(arguments) -%}
    {%- set key = arguments.unique_key -%}
    {{ changed_rows(
        arguments.target_relation, key ~ ' in (select ' ~ key ~ ' from ' ~ arguments.temp_relation ~ ')',
        arguments.temp_relation, get_quoted_csv(arguments.dest_columns | map(attribute='name'))
    ) }}
{%- endmacro %}
