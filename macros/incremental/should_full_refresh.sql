{% macro should_full_refresh() -%}
    {#- dbt asks this before every incremental model. To dbt's own rule it adds ours: a table whose
        definition changed since it was built is built anew, so that two rule sets never mix. -#}
    {%- set configured = config.get('full_refresh') -%}
    {%- if configured is not none -%}
        {{ return(configured) }}
    {%- endif -%}
    {#- Spark asks it of a view too, where a table was before: that keeps no books. -#}
    {%- if config.get('materialized') != 'incremental' -%}
        {{ return(flags.FULL_REFRESH) }}
    {%- endif -%}
    {{ return(flags.FULL_REFRESH or kept_state(
        model.name, config.get('meta', {}).get('definition_kept_in', model.name)
    ) is none) }}
{%- endmacro %}

{% macro kept_state(model_name, definition_kept_in=none) -%}
    {#- The relation that an earlier build left for an incremental model, or none where it cannot
        be continued: it is missing or empty, a full refresh was asked for, its definition changed,
        or an event file that it was built from has left the landing zone. A table that may rightly be
        empty names another one that keeps its definition_hash. Found once for the model that
        asks: what it does is decided when its SQL is made, whatever is written beside it. -#}
    {%- if not execute or flags.FULL_REFRESH -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set known = graph.setdefault('kept_state ' ~ invocation_id, {}) -%}
    {%- set asked = model.unique_id ~ ' asks for ' ~ model_name -%}
    {%- if asked not in known -%}
        {%- do known.update({asked: found_kept_state(model_name, definition_kept_in)}) -%}
    {%- endif -%}
    {{ return(known[asked]) }}
{%- endmacro %}

{% macro found_kept_state(model_name, definition_kept_in) -%}
    {#- See kept_state. -#}
    {%- set node = node_of(model_name) -%}
    {%- if not node -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set relation = adapter.get_relation(target.get('database'), node.schema, node.alias) -%}
    {%- set other_files = mark_of_other_files(node) -%}
    {%- if relation is none or other_files is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set witness = definition_kept_in or model_name -%}
    {%- if is_redone(node) -%}
        {%- set kept_in = books_of(model_name) -%}
    {%- else -%}
        {%- set kept_in = adapter.get_relation(target.get('database'), 'intermediate', witness) -%}
    {%- endif -%}
    {%- set stored = query_column(
        'select concat(definition_hash, ' ~ other_files ~ ') from ' ~ kept_in ~ ' limit 1'
    ) -%}
    {%- if stored == [definition_hash(witness)] -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- if stored and model.name == 'int_events_arrived' -%}
        {{ log(
            'A definition behind the sessions changed, or a landed file is gone: they are rebuilt '
            ~ 'in full.', info=true
        ) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{% macro mark_of_other_files(node) -%}
    {#- SQL of a text that is empty unless the ledger of event files has files that are not landed, or
        none without a ledger. It is asked only for what the ledger stands on: what is built beside
        the ledger would meet one that another thread is about to write, and sees by its books
        whether the events were written anew. -#}
    {%- set ledger_node = node_of('int_event_files_counted') -%}
    {%- if node.unique_id not in ledger_node.depends_on.nodes + [ledger_node.unique_id] -%}
        {{ return("''") }}
    {%- endif -%}
    {%- set ledger = adapter.get_relation(
        target.get('database'), 'intermediate', 'int_event_files_counted'
    ) -%}
    {{ return(none if ledger is none else 'case when exists (select source_file from ' ~ ledger
        ~ ' where source_file not in (select source_file from ' ~ landed_files_relation()
        ~ ")) then ' of other files' else '' end") }}
{%- endmacro %}

{% macro books_of(model_name) -%}
    {#- A query of the definition of a table that is redone by keys, without a row where an input of it
        was written anew, or has changed so often that not all is known. -#}
    {%- set inputs = what_decides(model_name).inputs -%}
    (
        select definition_hash
        from bookkeeping.states
        where
            model_name = '{{ model_name }}'
            and {{ inputs | length }} = (
                select count(*)
                from bookkeeping.seen_changes as seen
                    inner join bookkeeping.states as inputs
                        on seen.input_name = inputs.model_name
                where
                    seen.model_name = '{{ model_name }}'
                    and seen.input_name in ({{ sql_list(inputs) }})
                    and seen.change_number >= inputs.rebuilt_number
                    and seen.change_number >= inputs.change_number - {{ kept_changes() }}
            )
    ) as books
{%- endmacro %}

{% macro landed_files_relation() -%}
    {{ return(api.Relation.create(
        database=target.get('database'), schema='staging', identifier='stg_landing__files'
    )) }}
{%- endmacro %}
