{#- What is redone by keys keeps books, in the transaction that writes its rows:

    - bookkeeping.states: how a table came about (definition_hash), the number of its last change and
      that of the last one that wrote all of its rows;
    - bookkeeping.seen_changes: which change of each of its inputs it has seen;
    - changes.<table>: the keys of the rows that changed, by the number of the change.

    A build of any models in any order, and one that was killed anywhere, leaves books that are true:
    the next build of a table redoes what changed in its inputs after what it has seen. -#}

{% macro create_books() -%}
    {%- do run_query('create schema if not exists changes') -%}
    {%- do run_query(
        'create table if not exists bookkeeping.states (model_name varchar, definition_hash varchar, '
        ~ 'change_number bigint, rebuilt_number bigint, invocation_id varchar)'
    ) -%}
    {%- do run_query(
        'create table if not exists bookkeeping.seen_changes (model_name varchar, '
        ~ 'input_name varchar, change_number bigint)'
    ) -%}
{%- endmacro %}

{% macro kept_changes() -%}
    {#- So many changes of a table are kept; who has not seen them is built anew. -#}
    {{ return(50) }}
{%- endmacro %}

{% macro changes_of(model_name) -%}
    {{ return(api.Relation.create(
        database=target.database, schema='changes', identifier=model_name
    )) }}
{%- endmacro %}

{% macro key_columns(columns) -%}
    {#- The columns whose values say what changed, for whichever model redoes by them. -#}
    {%- set keys = [] -%}
    {%- set known = [
        'visitor_id', 'session_date', 'session_id', 'stream_id', 'cart_id', 'order_id', 'customer_id',
        'person_id', 'order_line_id',
    ] -%}
    {%- for column in columns if column in known -%}
        {%- do keys.append(column) -%}
    {%- endfor -%}
    {{ return(keys | join(', ')) }}
{%- endmacro %}

{% macro note_changes(columns, left, entered) -%}
    {#- SQL: notes the keys of rows that left and entered, and what the model has seen. -#}
    {%- set keys = key_columns(columns) -%}
    {%- set states = 'bookkeeping.states' -%}
    update {{ states }}
    set change_number = change_number + 1, invocation_id = '{{ invocation_id }}'
    where model_name = '{{ model.name }}';

    delete from {{ changes_of(model.name) }}
    where change_number <= (
        select change_number - {{ kept_changes() }} from {{ states }}
        where model_name = '{{ model.name }}'
    );

    insert into {{ changes_of(model.name) }}
    select distinct states.change_number, {{ keys }}
    from {{ states }} as states
        cross join (
            select {{ keys }} from {{ left }}
            union all
            select {{ keys }} from {{ entered }}
        ) as changed
    where states.model_name = '{{ model.name }}';

    {{ note_seen_changes() }}
{%- endmacro %}

{% macro note_seen_changes() -%}
    delete from bookkeeping.seen_changes where model_name = '{{ model.name }}';

    insert into bookkeeping.seen_changes
    select '{{ model.name }}', model_name, change_number
    from bookkeeping.states
    where model_name in ({{ sql_list(what_decides(model.name).inputs) }});
{%- endmacro %}

{% macro note_rebuilt() -%}
    {#- A post-hook of all models: notes that one which is redone by keys was written whole. -#}
    {%- if not execute or not is_redone(model) -%}
        {{ return('') }}
    {%- endif -%}
    {%- set own = "model_name = '" ~ model.name ~ "'" -%}
    {%- set noted = run_query(
        "select coalesce(max(change_number), 0), max(invocation_id) = '" ~ invocation_id
        ~ "' from bookkeeping.states where " ~ own
    ).rows[0] -%}
    {%- if noted[1] -%}
        {{ return('') }}
    {%- endif -%}
    {%- set keys = key_columns(adapter.get_columns_in_relation(this) | map(attribute='name')) -%}
    create or replace table {{ changes_of(model.name) }} as
    select cast(0 as bigint) as change_number, {{ keys }} from {{ this }} limit 0;

    delete from bookkeeping.states where {{ own }};

    insert into bookkeeping.states values (
        '{{ model.name }}', '{{ definition_hash(model.name) }}',
        {{ noted[0] + 1 }}, {{ noted[0] + 1 }}, '{{ invocation_id }}'
    );

    {{ note_seen_changes() }}
{%- endmacro %}
