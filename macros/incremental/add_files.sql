{% macro get_incremental_add_files_sql(arguments) -%}
    {#- The incremental strategy of what is stored by landed file and depends on nothing else: the
        rows of files that are not stored yet enter, those of files that have left the landing zone
        leave, in one transaction. What a landed file holds never changes. -#}
    {%- set columns = get_quoted_csv(arguments.dest_columns | map(attribute='name')) -%}
    {%- set leaving -%}
        concat(source_table, '/', source_file) not in (
            select concat(source_name, '.', table_name, '/', source_file)
            from {{ landed_files_relation() }}
        )
    {%- endset -%}
    {{ changed_rows(
        arguments.target_relation, leaving, arguments.temp_relation, columns
    ) }}
{%- endmacro %}

{% macro files_to_add(raw_table, stored) -%}
    {#- The landed files of a raw table, such as shop.orders, of which a relation has no rows, as a
        list of SQL literals: literals let engines skip files. -#}
    {{ return(sql_list(query_column(
        'select source_file from ' ~ landed_files_relation()
        ~ " where concat(source_name, '.', table_name) = '" ~ raw_table ~ "'"
        ~ ' and source_file not in (select source_file from ' ~ stored
        ~ " where source_table = '" ~ raw_table ~ "') order by source_file"
    ))) }}
{%- endmacro %}
