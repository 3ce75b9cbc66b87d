{% macro superseded_files() -%}
    {#- The files of the ledger with rows that another export has superseded since they were read,
        such as GA4's intraday rows of a day whose daily export came. They are read again: what they
        gave leaves, and what still counts in them arrives anew. Only raw tables whose meta says
        `is_superseded` have such rows; a file that is superseded whole is not asked for again. -#}
    {%- set tables = [] -%}
    {%- for node in graph.get('sources', {}).values() -%}
        {%- if node.source_name in adapters_of('events') and node.meta.get('is_superseded') -%}
            {%- do tables.append("'" ~ node.source_name ~ '.' ~ node.name ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set ledger = kept_state('int_event_files_counted') -%}
    {%- if not tables or not ledger -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set counted -%}
        select source_file, sum(superseded_row_count) as superseded_row_count
        from {{ ledger }}
        where source_table in ({{ tables | join(', ') }})
        group by source_file
        having sum(superseded_row_count) < sum(row_count)
    {%- endset -%}
    {%- set open_files = query_column('select source_file from (' ~ counted ~ ')') -%}
    {%- if not open_files -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(query_column(
        'select counted.source_file from (' ~ counted ~ ') as counted inner join ('
        ~ 'select _source_file, count(superseded_by) as row_count from ' ~ api.Relation.create(
            database=target.database, schema='staging', identifier='stg_web__events'
        ) ~ ' where _source_file in (' ~ sql_list(open_files) ~ ') group by _source_file) as landed'
        ~ ' on counted.source_file = landed._source_file'
        ~ ' where counted.superseded_row_count <> landed.row_count'
    )) }}
{%- endmacro %}
