{% macro arrival_id() -%}
    {#- Marks the arrived events of this build: the definition that sessions are cut by, which events
        these are, and the build. -#}
    {{ return([
        definition_hash('int_events_sessionized'),
        arriving_events(),
        invocation_id,
    ] | join(' ')) }}
{%- endmacro %}

{% macro arriving_events() -%}
    {#- Which events arrive in this build: all, new ones, or also those of a range. -#}
    {%- set dates = rebuild_range() -%}
    {%- if not kept_state('int_events_sessionized') -%}
        {{ return('all') }}
    {%- endif -%}
    {{ return((['new'] + (dates or [])) | join('+')) }}
{%- endmacro %}

{% macro note_arrival() -%}
    {#- A post-hook of the models between landed files and stored events: notes for which arrival the
        model was built, see check_common_arrival. The first of them begins one, the others belong to
        it: so a build that stopped may go on with the models that are missing. -#}
    {%- if execute -%}
        {%- set first_model = 'int_event_files_arriving' -%}
        {%- set arrivals = 'bookkeeping.arrivals' -%}
        {%- if model.name == first_model -%}
            {%- set noted = "select '" ~ arrival_id() ~ "'" -%}
        {%- else -%}
            {%- set noted -%}
                select arrival_id from {{ arrivals }}
                where model_name = '{{ first_model }}'
            {%- endset -%}
        {%- endif -%}
        {%- set found = query_column(noted) -%}
        {%- do run_query(forget('arrivals', [model.name])) -%}
        {%- for arrival in found -%}
            {%- do run_query(
                'insert into ' ~ arrivals ~ " (model_name, arrival_id) values ('" ~ model.name
                ~ "', '" ~ arrival ~ "')"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro check_common_arrival(relations) -%}
    {#- Checks that models were built for one arrival. A model that was built without those before it
        would cut sessions from half of the events: so an arrival that is not one, or not the one to
        be stored, or that is of another range to rebuild, stops the build. -#}
    {%- if not execute or '__dbt__cte__' in (relations | join) -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set noted = query_column(
        'select arrival_id from bookkeeping.arrivals where model_name in ('
        ~ sql_list(relations | map(attribute='identifier') | list) ~ ')'
    ) -%}
    {%- set found = noted | unique | list -%}
    {%- set definition = definition_hash('int_events_sessionized') -%}
    {%- set fitting = ['all', arriving_events()] -%}
    {%- for arrival in found -%}
        {%- set parts = arrival.split(' ') -%}
        {%- if found | length > 1 or noted | length < relations | length
            or parts[0] != definition or parts[1] not in fitting -%}
            {{ exceptions.raise_compiler_error(
                'the models before ' ~ model.name ~ ' were not built together with it; build them '
                ~ 'all: dbt build --select +' ~ model.name
            ) }}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
