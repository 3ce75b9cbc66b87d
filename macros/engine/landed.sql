{% macro landed(source_name, table_name) -%}
    {#- The rows of a raw table, from exactly the files that stg_landing__files lists: a file that
        lands while a build runs waits for the next build, for every model alike. A table of an
        adapter that nobody landed has no rows. In a unit test it is the fixture. Why a macro: every
        engine has its own way to read files. -#}
    {%- set raw_table = source(source_name, table_name) -%}
    {%- set files = ref('stg_landing__files') -%}
    {%- if not execute or '__dbt__cte__' in (raw_table | string) -%}
        {{ return(raw_table) }}
    {%- endif -%}
    {{ return(adapter.dispatch('landed')(source_name, table_name, files)) }}
{%- endmacro %}

{% macro default__landed(source_name, table_name, files) -%}
    {%- set paths = query_column(
        "select path from " ~ files ~ " where source_name = '" ~ source_name
        ~ "' and table_name = '" ~ table_name ~ "' order by path"
    ) -%}
    {%- if '/0_contract.parquet' in paths | join(' ') -%}
        {{ read_landed(paths) }}
    {%- else -%}
        {#- A table of an adapter: no file says which columns it has, so the source does. -#}
        (
            {{ no_landed_rows(source_name, table_name) }}
            {%- if paths %}
            union all by name
            select * from {{ read_landed(paths) }}
            {%- endif %}
        )
    {%- endif -%}
{%- endmacro %}

{% macro spark__landed(source_name, table_name, files) -%}
    {#- A table over the folder of the raw table, with the columns that its files have: nothing is
        copied, and rows of files that are not listed are left out. -#}
    {%- set paths = query_column(
        "select path from " ~ files ~ " where source_name = '" ~ source_name
        ~ "' and table_name = '" ~ table_name ~ "' order by path"
    ) -%}
    {%- if not paths -%}
        {{ return('(' ~ no_landed_rows(source_name, table_name) ~ ')') }}
    {%- endif -%}
    {%- set types = {'_loaded_at': 'timestamp_ntz', '_source_row': 'bigint'} -%}
    {%- set columns, names = [], [] -%}
    {%- for node in graph.sources.values()
        if node.source_name == source_name and node.name == table_name -%}
        {%- do names.extend(node.columns) -%}
    {%- endfor -%}
    {%- for name in (names + adapter.landed_column_names(paths)) | unique -%}
        {%- do columns.append('`' ~ (name | replace('`', '``')) ~ '` ' ~ types.get(name, 'string')) -%}
    {%- endfor -%}
    {#- A table for each model that reads it: none may take away what another one looks at. -#}
    {%- set table = 'landing.' ~ model.name ~ '__of__' ~ source_name ~ '__' ~ table_name -%}
    {%- do run_query('create schema if not exists landing') -%}
    {%- do run_query('drop table if exists ' ~ table) -%}
    {%- do run_query(
        'create table ' ~ table ~ ' (' ~ columns | join(', ') ~ ") using parquet location '"
        ~ dbt.escape_single_quotes(paths[0].rpartition('/')[0]) ~ "'"
    ) -%}
    {#- The files are looked up and not listed: a catalogue may hold no more than 32,700 characters
        of a view. -#}
    (
        select * from {{ table }}
        where
            _metadata.file_name like '%.parquet'
            and _source_file in (
                select source_file
                from {{ files }}
                where source_name = '{{ source_name }}' and table_name = '{{ table_name }}'
            )
    )
{%- endmacro %}

{% macro read_landed(paths) -%}
    read_parquet([
    {%- for path in paths %}
        '{{ path | replace("'", "''") }}'{{ "," if not loop.last }}
    {%- endfor %}
    ], union_by_name = true)
{%- endmacro %}

{% macro no_landed_rows(source_name, table_name) -%}
    select
    {%- for node in graph.sources.values()
        if node.source_name == source_name and node.name == table_name %}
        {%- for column in node.columns %}
        cast(null as {{ dbt.type_string() }}) as {{ adapter.quote(column) }},
        {%- endfor %}
    {%- endfor %}
        cast(null as timestamp) as _loaded_at,
        cast(null as {{ dbt.type_string() }}) as _source_file,
        cast(null as bigint) as _source_row
    where false
{%- endmacro %}

{% macro landing_zone() -%}
    {{ env_var('SHOPTRACK_LANDING', 'data/landing') }}
{%- endmacro %}

{% macro landing_pattern(files) -%}
    {#- A pattern of files in the landing zone, for an SQL literal. -#}
    {{ landing_zone() | replace("[", "[[]") | replace("'", "''") }}/{{ files }}
{%- endmacro %}

{% macro landed_paths() -%}
    {#- A query of the path of every landed file. Why a macro: every engine lists files its own
        way. -#}
    {{ return(adapter.dispatch('landed_paths')()) }}
{%- endmacro %}

{% macro default__landed_paths() -%}
    select replace(file, '\', '/') as path
    from glob('{{ landing_pattern("*/*/*.parquet") }}')
{%- endmacro %}

{% macro spark__landed_paths() -%}
    select path from {{ rows_of(adapter.landed_paths(), ['path string']) }}
{%- endmacro %}

{% macro rows_of(rows, columns) -%}
    {#- Rows that dbt knows as a relation of Spark; of one column a list of texts. -#}
    {%- set literals = [] -%}
    {%- for row in rows -%}
        {%- set values = [] -%}
        {%- for value in ([row] if row is string else row) -%}
            {%- do values.append(
                'null' if value is none
                else value if value is number
                else "'" ~ dbt.escape_single_quotes(value | string) ~ "'"
            ) -%}
        {%- endfor -%}
        {%- do literals.append('(' ~ values | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- set names, typed, nothing = [], [], [] -%}
    {%- for column in columns -%}
        {%- set name, type = column.split(' ') -%}
        {%- do names.append(name) -%}
        {%- do typed.append('cast(' ~ name ~ ' as ' ~ type ~ ') as ' ~ name) -%}
        {%- do nothing.append('null') -%}
    {%- endfor -%}
    (
        select {{ typed | join(', ') }}
        from values {{ literals | join(', ') or '(' ~ nothing | join(', ') ~ ')' }}
            as listed({{ names | join(', ') }})
        {{- ' where false' if not rows }}
    )
{%- endmacro %}

{% macro landed_columns(stored) -%}
    {#- A query of the columns that the exports behind the landed files had, with the kind of their
        values, as landing noted them in each file: see shoptrack/landing/kinds.py. From exactly the
        files that stg_landing__files lists, without those that `stored` has, if it is a relation;
        files landed before landing noted columns have no rows. In a unit test it is empty. Why a
        macro: every engine reads what a file says of itself its own way. -#}
    {%- set files = ref('stg_landing__files') -%}
    {%- set paths = [] -%}
    {%- if execute and '__dbt__cte__' not in (files | string) -%}
        {%- set but_stored -%}
            where concat(source_name, '.', table_name, '/', source_file) not in (
                select concat(source_table, '/', source_file) from {{ stored }}
            )
        {%- endset -%}
        {%- set paths = query_column(
            'select path from ' ~ files ~ ' ' ~ (but_stored if stored else '') ~ ' order by path'
        ) -%}
    {%- endif -%}
    {{ return(adapter.dispatch('landed_columns')(files, paths)) }}
{%- endmacro %}

{% macro default__landed_columns(files, paths) -%}
    select
        concat(files.source_name, '.', files.table_name) as source_table,
        files.source_file,
        exports.shape.loaded_at as loaded_at,
        unnest(exports.shape.columns).name as column_name,
        unnest(exports.shape.columns).kind as kind
    from (
        select
            replace(file_name, '\', '/') as path,
            from_json(decode(value), '{
                "loaded_at": "TIMESTAMP", "columns": [{"name": "VARCHAR", "kind": "VARCHAR"}]
            }') as shape
        from parquet_kv_metadata([
        {%- for path in paths or [landing_pattern('web/events/0_contract.parquet')] %}
            '{{ path | replace("'", "''") if paths else path }}'{{ "," if not loop.last }}
        {%- endfor %}
        ])
        where decode(key) = 'shoptrack_export'
    ) as exports
        inner join {{ files }} as files
            on exports.path = files.path
{%- endmacro %}

{% macro spark__landed_columns(files, paths) -%}
    {%- set rows = [] -%}
    {%- for path in paths -%}
        {%- set shape = adapter.landed_export(path) -%}
        {%- for column in shape.get('columns', []) -%}
            {%- do rows.append([path, shape.loaded_at, column.name, column.kind]) -%}
        {%- endfor -%}
    {%- endfor -%}
    select
        concat(files.source_name, '.', files.table_name) as source_table,
        files.source_file,
        exports.loaded_at,
        exports.column_name,
        exports.kind
    from {{ rows_of(rows, [
        'path string', 'loaded_at timestamp_ntz', 'column_name string', 'kind string'
    ]) }} as exports
        inner join {{ files }} as files
            on exports.path = files.path
{%- endmacro %}

{% macro landed_row_counts(condition) -%}
    {#- A query of how many rows landed files have, by path: an erasure may leave none. Of the rows of
        stg_landing__files that meet a condition, because every file is opened. Why a macro: every
        engine reads what a file says of itself its own way. -#}
    {%- set files = ref('stg_landing__files') -%}
    {%- set paths = [] -%}
    {%- if execute and '__dbt__cte__' not in (files | string) -%}
        {%- set paths = query_column(
            'select path from ' ~ files ~ ' where ' ~ condition ~ ' order by path'
        ) -%}
    {%- endif -%}
    {{ return(adapter.dispatch('landed_row_counts')(paths)) }}
{%- endmacro %}

{% macro default__landed_row_counts(paths) -%}
    select
        replace(file_name, '\', '/') as path,
        num_rows as row_count
    from parquet_file_metadata([
    {%- for path in paths or [landing_pattern('web/events/0_contract.parquet')] %}
        '{{ path | replace("'", "''") if paths else path }}'{{ "," if not loop.last }}
    {%- endfor %}
    ])
{%- endmacro %}

{% macro spark__landed_row_counts(paths) -%}
    {%- set rows = [] -%}
    {%- for path in paths -%}
        {%- do rows.append([path, adapter.landed_row_count(path)]) -%}
    {%- endfor -%}
    select * from {{ rows_of(rows, ['path string', 'row_count bigint']) }}
{%- endmacro %}

{% macro newest_landing(source_node) -%}
    {#- A query of the moment at which the newest file of a raw table was landed, for `dbt source
        freshness`. It asks the files and not _loaded_at, which says when the rows were loaded
        where they came from. A table that nobody landed is optional and not late: for it the answer
        is now, because dbt takes no answer for the year 1. Why a macro: every engine asks for the
        times of files its own way. -#}
    {{ return(adapter.dispatch('newest_landing')(source_node)) }}
{%- endmacro %}

{% macro default__newest_landing(source_node) -%}
    {%- set table = source_node.source_name ~ '/' ~ source_node.name -%}
    select coalesce(max(last_modified), now())
    from read_blob('{{ landing_pattern(table ~ "/*.parquet") }}')
    where parse_filename(filename) <> '0_contract.parquet'
{%- endmacro %}

{% macro spark__newest_landing(source_node) -%}
    {%- set moment = adapter.newest_landing(source_node.source_name ~ '/' ~ source_node.name) -%}
    select {{ "cast('" ~ moment ~ "' as timestamp_ltz)" if moment else 'current_timestamp()' }}
{%- endmacro %}
