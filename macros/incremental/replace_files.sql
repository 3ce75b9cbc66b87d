{% macro get_incremental_replace_files_sql(arguments) -%}
    {#- The incremental strategy of what is stored by landed file: all rows of the files that are
        read leave, their rows enter, in one transaction. Not dbt's delete+insert: it reads the
        files to delete off the new rows, and a file may have none. -#}
    {%- set columns = get_quoted_csv(arguments.dest_columns | map(attribute='name')) -%}
    {{ changed_rows(
        arguments.target_relation, 'source_file in (' ~ new_event_files() ~ ')',
        arguments.temp_relation, columns
    ) }}
{%- endmacro %}
