{% macro note_build_start() -%}
    {#- Before anything is built: what was selected counts as unfinished. A build that is killed
        leaves it so, and nothing half-built is published. -#}
    {%- if is_noted() -%}
        {%- do run_query('create schema if not exists bookkeeping') -%}
        {%- do clear_leftovers() -%}
        {%- do create_book('build_results', [
            'node_id string', 'status string', 'message string', 'invocation_id string',
            'noted_at timestamp',
        ]) -%}
        {%- do create_book('arrivals', ['model_name string', 'arrival_id string']) -%}
        {%- do create_books() -%}
        {%- set notes = [] -%}
        {%- set types = noted_types() -%}
        {%- for node_id in selected_resources if node_id.split('.')[0] in types -%}
            {%- do notes.append([node_id, 'unfinished', '']) -%}
        {%- endfor -%}
        {%- do write_notes(notes) -%}
    {%- endif -%}
{%- endmacro %}

{% macro note_build_end(results) -%}
    {#- After the build: what became of every node; the last word on each stays. -#}
    {%- if is_noted() -%}
        {%- set notes = [] -%}
        {%- set types = noted_types() -%}
        {%- for result in results if result.node.resource_type in types -%}
            {%- do notes.append([
                result.node.unique_id, result.status | string, (result.message or '')[:500],
            ]) -%}
        {%- endfor -%}
        {%- do write_notes(notes) -%}
        {%- do note_tests_passed(results) -%}
    {%- endif -%}
{%- endmacro %}

{% macro is_noted() -%}
    {{ return(execute and flags.WHICH in ('build', 'run', 'test', 'seed')) }}
{%- endmacro %}

{% macro noted_types() -%}
    {#- Unit tests say nothing of the data. -#}
    {{ return(('model', 'seed', 'test')) }}
{%- endmacro %}

{% macro write_notes(notes) -%}
    {#- Replaces the notes of the given nodes and drops those of nodes that are no longer there. -#}
    {%- set rows = [] -%}
    {%- for node_id, status, message in notes -%}
        {%- do rows.append("('" ~ [
            node_id, status, dbt.escape_single_quotes(message), invocation_id
        ] | join("', '") ~ "', cast(now() as timestamp))") -%}
    {%- endfor -%}
    {%- set columns = 'node_id, status, message, invocation_id, noted_at' -%}
    {%- do run_query(changed_rows(
        'bookkeeping.build_results',
        "node_id in ('" ~ notes | map(attribute=0) | join("', '") ~ "') or node_id not in ('"
        ~ graph.nodes.keys() | join("', '") ~ "')",
        '(values ' ~ rows | join(', ') ~ ') as notes(' ~ columns ~ ')' if rows else none,
        columns
    )) -%}
{%- endmacro %}
