{#- What is redone by keys keeps books, in the transaction that writes its rows:

    - bookkeeping.states: how a table came about (definition_hash), the number of its last change and
      that of the last one that wrote all of its rows;
    - bookkeeping.seen_changes: which change of each of its inputs it has seen;
    - changes.<table>: the keys of the rows that changed, by the number of the change.

    A build of any models in any order, and one that was killed anywhere, leaves books that are true:
    the next build of a table redoes what changed in its inputs after what it has seen. -#}

{% macro create_books() -%}
    {%- do run_query('create schema if not exists changes') -%}
    {%- do create_book('states', [
        'model_name string', 'definition_hash string', 'change_number bigint',
        'rebuilt_number bigint', 'invocation_id string',
    ]) -%}
    {%- do create_book('seen_changes', [
        'model_name string', 'input_name string', 'change_number bigint',
    ]) -%}
{%- endmacro %}

{% macro kept_changes() -%}
    {#- So many changes of a table are kept; who has not seen them is built anew. -#}
    {{ return(50) }}
{%- endmacro %}

{% macro changes_of(model_name) -%}
    {{ return(api.Relation.create(
        database=target.get('database'), schema='changes', identifier=model_name
    )) }}
{%- endmacro %}

{% macro key_columns(columns) -%}
    {#- The columns whose values say what changed, for whichever model redoes by them. -#}
    {%- set keys = [] -%}
    {%- set known = [
        'visitor_id', 'session_date', 'session_id', 'stream_id', 'cart_id', 'order_id', 'customer_id',
        'person_id', 'order_line_id', 'report_date',
    ] -%}
    {%- for column in columns if column in known -%}
        {%- do keys.append(column) -%}
    {%- endfor -%}
    {{ return(keys | join(', ')) }}
{%- endmacro %}

{% macro note_changes(columns, left, entered) -%}
    {#- SQL: notes the keys of rows that left and entered, and what the model has seen. -#}
    {%- set keys = key_columns(columns) -%}
    {%- set state = run_query(
        "select definition_hash, change_number, rebuilt_number from bookkeeping.states"
        ~ " where model_name = '" ~ model.name ~ "'"
    ).rows[0] -%}
    {%- set number = state[1] + 1 -%}
    {{ forget_until(changes_of(model.name), number - kept_changes()) }}

    insert into {{ changes_of(model.name) }} ({{ keys }}, change_number)
    select distinct {{ keys }}, cast({{ number }} as bigint)
    from (
        select {{ keys }} from {{ left }}
        union all
        select {{ keys }} from {{ entered }}
    ) as changed;

    {{ state_noted(state[0].removeprefix(being_written()), number, state[2], invocation_id) }}

    {{ note_seen_changes() }}
{%- endmacro %}

{% macro being_written() -%}
    {#- What is noted before a definition while an engine without transactions writes a table. -#}
    {{ return('being written ') }}
{%- endmacro %}

{% macro state_noted(hash, change_number, rebuilt_number, noted_by) -%}
    {#- SQL: the state of the current model; noted_by: the build that has written its rows. -#}
    {{ written_for(
        model.name, 'states', 'definition_hash, change_number, rebuilt_number, invocation_id',
        "select '" ~ hash ~ "' as definition_hash, " ~ change_number ~ ' as change_number, '
        ~ rebuilt_number ~ " as rebuilt_number, '" ~ noted_by ~ "' as invocation_id"
    ) }}
{%- endmacro %}

{% macro note_seen_changes() -%}
    {{ written_for(
        model.name, 'seen_changes', 'input_name, change_number',
        'select model_name as input_name, change_number from bookkeeping.states where model_name in ('
        ~ sql_list(what_decides(model.name).inputs) ~ ')'
    ) }}
{%- endmacro %}

{% macro note_rebuilt() -%}
    {#- A post-hook of all models: notes that one which is redone by keys was written whole. Its number
        is above all that anyone has seen of it, also where a killed build lost its state. -#}
    {%- if not execute or not is_redone(model) -%}
        {{ return('') }}
    {%- endif -%}
    {%- set own = "model_name = '" ~ model.name ~ "'" -%}
    {%- set noted = run_query(
        "select coalesce(max(change_number), 0), max(noted_by) = '" ~ invocation_id ~ "' from ("
        ~ "select change_number, invocation_id as noted_by from bookkeeping.states where " ~ own
        ~ " union all select change_number, '' from bookkeeping.seen_changes where input_name = '"
        ~ model.name ~ "') as noted"
    ).rows[0] -%}
    {%- if noted[1] -%}
        {{ return('') }}
    {%- endif -%}
    {%- set keys = key_columns(adapter.get_columns_in_relation(this) | map(attribute='name')) -%}
    {{ replaced_table(
        changes_of(model.name),
        'select ' ~ keys ~ ', cast(0 as bigint) as change_number from ' ~ this ~ ' limit 0',
        'change_number'
    ) }};

    {{ state_noted(definition_hash(model.name), noted[0] + 1, noted[0] + 1, invocation_id) }}

    {{ note_seen_changes() }}
{%- endmacro %}
