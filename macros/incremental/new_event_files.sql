{% macro new_event_files() -%}
    {#- The landed event files that the stored events do not hold yet, as a list of SQL literals: a
        ledger of files, because a file may arrive late as well. Literals let engines skip files.
        Also the files whose rows another export has superseded since, and with a range to rebuild
        those that hold it. -#}
    {%- if not execute -%}
        {{ return("''") }}
    {%- endif -%}
    {%- set ledger = adapter.get_relation(
        target.database, 'intermediate', 'int_event_files_counted'
    ) -%}
    {%- set files = query_column(
        'select source_file from ' ~ landed_files_relation() ~ ' where ' ~ is_event_table()
        ~ ' and source_file not in (select source_file from ' ~ ledger ~ ')'
    ) -%}
    {%- do files.extend(superseded_files()) -%}
    {%- if rebuild_range() -%}
        {%- do files.extend(files_to_read_again(ledger)) -%}
    {%- endif -%}
    {{ return(sql_list(files | unique | list)) }}
{%- endmacro %}

{% macro sql_list(values) -%}
    {#- Texts as a list of SQL literals; an empty list becomes one blank literal. -#}
    {%- set literals = [] -%}
    {%- for value in values or [''] -%}
        {%- do literals.append("'" ~ (value | replace("'", "''")) ~ "'") -%}
    {%- endfor -%}
    {{ return(literals | join(', ')) }}
{%- endmacro %}
