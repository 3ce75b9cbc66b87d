{% macro new_event_files() -%}
    {#- The event files that this build reads, as a list of SQL literals, which let engines skip files;
        too many for the text of a view are a query. A model that asks must stand on
        int_event_files_arriving. -#}
    {%- if not execute -%}
        {{ return("''") }}
    {%- endif -%}
    {%- set files = 'select source_file from ' ~ api.Relation.create(
        database=target.get('database'), schema='intermediate', identifier='int_event_files_arriving'
    ) -%}
    {%- set literals = sql_list(query_column(files ~ ' order by source_file')) -%}
    {{ return(literals if literals | length < 20000 else files) }}
{%- endmacro %}

{% macro files_read_again() -%}
    {#- Files that are read although the ledger has them, as a list of SQL literals: those whose rows
        another export has superseded since, and with a range to rebuild those that hold it. -#}
    {%- if not execute -%}
        {{ return("''") }}
    {%- endif -%}
    {%- set files = superseded_files() -%}
    {%- if rebuild_range() -%}
        {%- do files.extend(files_to_read_again(file_ledger())) -%}
    {%- endif -%}
    {{ return(sql_list(files | unique | list)) }}
{%- endmacro %}

{% macro file_ledger() -%}
    {#- Where the files that are stored are listed. A macro and no ref: the ledger is written last. -#}
    {{ return(api.Relation.create(
        database=target.get('database'), schema='intermediate', identifier='int_event_files_counted'
    )) }}
{%- endmacro %}

{% macro sql_list(values) -%}
    {#- Texts as a list of SQL literals; an empty list becomes one blank literal. -#}
    {%- set literals = [] -%}
    {%- for value in values or [''] -%}
        {%- do literals.append("'" ~ (value | replace("'", "''")) ~ "'") -%}
    {%- endfor -%}
    {{ return(literals | join(', ')) }}
{%- endmacro %}
