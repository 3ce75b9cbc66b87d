{% macro arrival_id() -%}
    {#- Marks the arrived events of this build: the definition that sessions are cut by, whether
        these are all events or only new ones, and the build. -#}
    {{ return([
        definition_hash('int_events_sessionized'),
        'new' if kept_state('int_events_sessionized') else 'all',
        invocation_id,
    ] | join(' ')) }}
{%- endmacro %}

{% macro common_arrival_id(relations) -%}
    {#- The arrival_id that all rows of the relations carry, blank where they are empty. A model
        that was built without those before it would cut sessions from half of the events: so an
        arrival that is not one, or not the one to be stored, stops the build. -#}
    {%- if not execute or '__dbt__cte__' in (relations | join) -%}
        {{ return('') }}
    {%- endif -%}
    {%- set queries = [] -%}
    {%- for relation in relations -%}
        {%- do queries.append('select distinct arrival_id from ' ~ relation) -%}
    {%- endfor -%}
    {%- set found = query_column(queries | join(' union ')) -%}
    {%- set definition = definition_hash('int_events_sessionized') -%}
    {%- set continues = kept_state('int_events_sessionized') is not none -%}
    {%- for arrival in found -%}
        {%- set parts = arrival.split(' ') -%}
        {%- if found | length > 1 or parts[0] != definition or not (continues or parts[1] == 'all') -%}
            {{ exceptions.raise_compiler_error(
                'the models before ' ~ model.name ~ ' were not built together with it; build them '
                ~ 'all: dbt build --select +' ~ model.name
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found[0] if found else '') }}
{%- endmacro %}
