{% macro files_to_redo(raw_table) -%}
    {#- The files that a table which is redone by _source_file reads, as a list of SQL literals: those
        of a raw table, such as shop.customers, of which it has no rows, and those of which it has
        some and that have left the landing zone. What a landed file holds never changes; but what
        an adapter makes of it may hang on other exports of its system, so that files of adapters are
        read by every build. -#}
    {%- set table_name = raw_table.split('.')[1] -%}
    {%- set feeding -%}
        select
            source_file,
            concat(source_name, '.', table_name) = '{{ raw_table }}' as is_read_once
        from {{ landed_files_relation() }}
        where
            concat(source_name, '.', table_name) = '{{ raw_table }}'
            or source_name in ({{ sql_list(adapters_of(table_name)) }})
    {%- endset -%}
    {{ return(sql_list(query_column(
        'select source_file from (' ~ feeding ~ ') as feeding where not is_read_once'
        ~ ' or source_file not in (select _source_file from ' ~ this ~ ')'
        ~ ' union select _source_file from ' ~ this
        ~ ' where _source_file not in (select source_file from (' ~ feeding ~ ') as feeding)'
        ~ ' order by 1'
    ))) }}
{%- endmacro %}
