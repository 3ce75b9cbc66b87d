{% macro get_incremental_redo_keys_sql(arguments) -%}
    {#- The incremental strategy of what is redone by keys. The rows of the keys to redo were made anew
        in a temporary table; those that differ from the stored ones leave and enter, the others
        stay where they are: so a file does not grow by what did not change. Rows have a key, so
        that none is there twice: a plain `except` tells what `except all` would, in a fifth of the
        time. What changed is noted for the models after this one, in the same transaction. In a
        range that is rebuilt no stored row is believed: all leave. -#}
    {{ return(adapter.dispatch('redo_keys_sql')(arguments)) }}
{%- endmacro %}

{% macro default__redo_keys_sql(arguments) -%}
    {#- The stored rows of the keys to redo lie far apart: they are looked for once. Where all rows are
        redone they are left where they are. -#}
    {%- set names = arguments.dest_columns | map(attribute='name') | list -%}
    {%- set columns = get_quoted_csv(names) -%}
    {%- set row_keys = arguments.unique_key | join(', ') -%}
    {%- set kind = 'table' if model.config.meta['redone_by'] else 'view' -%}
    {%- set stored = model.name ~ '__stored' -%}
    {%- set left, entered = model.name ~ '__left', model.name ~ '__entered' -%}
    create or replace temp {{ kind }} {{ stored }} as
    select {{ columns }} from {{ arguments.target_relation }} where {{ is_to_redo(is_stored=true) }};

    create or replace temp table {{ left }} as
    {{ rows_that_leave(stored, arguments.temp_relation, columns) }};

    create or replace temp table {{ entered }} as
    {{ rows_that_enter(stored, arguments.temp_relation, columns) }};

    delete from {{ arguments.target_relation }} where {{ is_to_redo(is_stored=true) }}
    {%- if not rebuild_range() %}
        and ({{ row_keys }}) in (select {{ row_keys }} from {{ left }})
    {%- endif %};

    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ entered }};

    {{ note_changes(names, left, entered) }}

    drop table {{ left }};
    drop table {{ entered }};
    drop {{ kind }} {{ stored }};
{%- endmacro %}

{% macro rows_that_leave(stored, made, columns) -%}
    select {{ columns }} from {{ stored }}
    {%- if not rebuild_range() %}
    except
    select {{ columns }} from {{ made }}
    {%- endif %}
{%- endmacro %}

{% macro rows_that_enter(stored, made, columns) -%}
    select {{ columns }} from {{ made }}
    {%- if not rebuild_range() %}
    except
    select {{ columns }} from {{ stored }}
    {%- endif %}
{%- endmacro %}

{% macro redone(relation) -%}
    {#- The rows of an input that the current model reads: in an increment those of the keys that it
        redoes, else all: of all events by session date, in slices. -#}
    {%- set is_sliced = 'session_date' in model.config.meta.get('redone_by', [])
        and 'model.' ~ project_name ~ '.int_events_sessionized' in model.depends_on.nodes -%}
    {%- if not execute or '__dbt__cte__' in (relation | string) -%}
        {{ return(relation) }}
    {%- elif is_incremental() -%}
        {{ return('(select * from ' ~ relation ~ ' where ' ~ is_to_redo() ~ ')') }}
    {%- elif is_sliced -%}
        {{ return('(select * from ' ~ relation ~ ' where ' ~ slice_mark() ~ ')') }}
    {%- endif -%}
    {{ return(relation) }}
{%- endmacro %}

{% macro is_to_redo(is_stored=false) -%}
    {#- SQL: whether a row of an input, or one that is stored, has keys that changed in what the current
        model is made of since it was built. Found once a build: a model asks for each of its inputs. -#}
    {%- set names = stored_keys(model) if is_stored else model.config.meta['redone_by'] -%}
    {%- set known = graph.setdefault('is_to_redo ' ~ invocation_id, {}) -%}
    {%- set asked = model.name ~ ' by ' ~ names | join(', ') -%}
    {%- if asked not in known -%}
        {%- do known.update({asked: found_to_redo(names)}) -%}
    {%- endif -%}
    {{ return(known[asked]) }}
{%- endmacro %}

{% macro stored_keys(node) -%}
    {#- The keys that a model is redone by, as it names them itself: `stored_as` says where reports call
        a session's date by another name. -#}
    {%- set names = [] -%}
    {%- for key in node.config.meta['redone_by'] -%}
        {%- do names.append(node.config.meta.get('stored_as', {}).get(key, key)) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{% macro found_to_redo(names) -%}
    {#- See is_to_redo. A model without keys makes all rows anew, to write those that differ. Dates are
        literals as well: by literals the engine skips what is stored by date. -#}
    {%- set keys = model.config.meta['redone_by'] -%}
    {%- if not keys -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set changed = changed_keys(keys | join(', ')) -%}
    {%- set conditions = ['(' ~ names | join(', ') ~ ') in (' ~ changed ~ ')'] -%}
    {%- if 'session_date' in keys -%}
        {%- set date_column = names[keys.index('session_date')] -%}
        {%- set dates = query_column(
            'select distinct session_date from (' ~ changed ~ ') as changed'
        ) -%}
        {%- do conditions.append(date_column ~ ' in (' ~ date_list(dates) ~ ')') -%}
        {%- if rebuild_range() -%}
            {{ return(
                '((' ~ conditions | join(' and ') ~ ') or ' ~ in_rebuild_range(date_column) ~ ')'
            ) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(conditions | join(' and ')) }}
{%- endmacro %}

{% macro listed_keys(query) -%}
    {#- A query of what a query of keys gives. Why a macro: engines differ in what it costs to ask the
        same several times. -#}
    {{ return(adapter.dispatch('listed_keys')(query)) }}
{%- endmacro %}

{% macro default__listed_keys(query) -%}
    {{ return(query) }}
{%- endmacro %}

{% macro changed_keys(columns) -%}
    {#- A query of the keys that the current model redoes: those that changed in its inputs after what
        it has seen of them; where `touched_in` names a model, the ones of its rows; and where
        `read_from` names a raw table, its files that are not stored, see files_to_redo. -#}
    {%- if model.config.meta.get('read_from') -%}
        {{ return(files_to_redo(model.config.meta['read_from'])) }}
    {%- endif -%}
    {%- if model.config.meta.get('touched_in') -%}
        {{ return('select ' ~ columns ~ ' from ' ~ api.Relation.create(
            database=target.get('database'), schema='intermediate', identifier=model.config.meta['touched_in']
        )) }}
    {%- endif -%}
    {%- set queries = [] -%}
    {%- for input, change_number in run_query(
        "select input_name, change_number from bookkeeping.seen_changes where model_name = '"
        ~ model.name ~ "' order by input_name"
    ).rows -%}
        {%- do queries.append(
            'select ' ~ columns ~ ' from ' ~ changes_of(input) ~ ' where change_number > '
            ~ change_number
        ) -%}
    {%- endfor -%}
    {{ return(listed_keys(queries | join(' union '))) }}
{%- endmacro %}

{% macro date_list(dates) -%}
    {#- Dates as a list of SQL literals; an empty list becomes a null. -#}
    {%- set literals = [] -%}
    {%- for date in dates -%}
        {%- do literals.append("cast('" ~ date ~ "' as date)") -%}
    {%- endfor -%}
    {{ return(literals | join(', ') or 'cast(null as date)') }}
{%- endmacro %}
