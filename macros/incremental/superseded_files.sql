{% macro superseded_files() -%}
    {#- The files whose stored events are not to be believed, because another export has superseded
        rows of them since they were read, such as GA4's intraday rows of a day whose daily export
        came. They are read again: what they gave leaves, and what still counts in them arrives
        anew. Only raw tables whose meta says `is_superseded` have such rows. Files that are stored
        and not in the ledger, because a build was killed, are among them: nothing says what was
        superseded when they were read. -#}
    {%- set stored_events = kept_state('int_events_sessionized') -%}
    {%- set tables = tables_that_are_superseded() -%}
    {%- if not stored_events or not tables -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set ledger = adapter.get_relation(
        target.get('database'), 'intermediate', 'int_event_files_counted'
    ) -%}
    {%- set uncounted = query_column(
        'select source_file from ' ~ landed_files_relation()
        ~ " where concat(source_name, '.', table_name) in (" ~ sql_list(tables)
        ~ ') and source_file not in (select source_file from ' ~ ledger ~ ')'
    ) -%}
    {%- set files = [] -%}
    {%- if uncounted -%}
        {%- do files.extend(query_column(
            'select distinct _source_file from ' ~ stored_events ~ ' where _source_file in ('
            ~ sql_list(uncounted) ~ ')'
        )) -%}
    {%- endif -%}
    {%- do files.extend(files_superseded_since_counted(ledger, tables)) -%}
    {{ return(files) }}
{%- endmacro %}

{% macro tables_that_are_superseded() -%}
    {#- Raw tables, such as ga4.events_intraday, of adapters that are on. -#}
    {%- set tables = [] -%}
    {%- for node in graph.get('sources', {}).values() -%}
        {%- if node.source_name in adapters_of('events') and node.meta.get('is_superseded') -%}
            {%- do tables.append(node.source_name ~ '.' ~ node.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(tables | sort) }}
{%- endmacro %}

{% macro files_superseded_since_counted(ledger, tables) -%}
    {#- Files with another number of superseded rows than the ledger counted. A file that was
        superseded whole stays so, and is not asked for again. -#}
    {%- set counted -%}
        select source_file, sum(superseded_row_count) as superseded_row_count
        from {{ ledger }}
        where source_table in ({{ sql_list(tables) }})
        group by source_file
        having sum(superseded_row_count) < sum(row_count - rejected_row_count)
    {%- endset -%}
    {%- set open_files = query_column('select source_file from (' ~ counted ~ ')') -%}
    {%- if not open_files -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(query_column(
        'select counted.source_file from (' ~ counted ~ ') as counted inner join ('
        ~ 'select _source_file, count(case when rejection_reason is null then superseded_by end)'
        ~ ' as row_count from ' ~ api.Relation.create(
            database=target.get('database'), schema='staging', identifier='stg_web__events'
        ) ~ ' where _source_file in (' ~ sql_list(open_files) ~ ') group by _source_file) as landed'
        ~ ' on counted.source_file = landed._source_file'
        ~ ' where counted.superseded_row_count <> landed.row_count'
    )) }}
{%- endmacro %}
