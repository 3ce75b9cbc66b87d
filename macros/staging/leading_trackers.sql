{% macro counted_by_another_tracker() -%}
    {#- SQL: the tracker that counts the day of a staged event, where it is not the one that sent the
        event; null for an event that counts. So a visit that two trackers saw is counted once. -#}
    {%- if not adapters_of('events') -%}
        {{ return('cast(null as ' ~ dbt.type_string() ~ ')') }}
    {%- endif -%}
    {%- set trackers = leading_trackers() | sort(attribute='from') -%}
    {%- set leader -%}
        case
        {%- for tracker in trackers[1:] | reverse %}
            when {{ store_date(to_utc('event_at')) }} >= cast('{{ tracker.from }}' as date)
                then '{{ tracker.tracker }}'
        {%- endfor %}
            when true then '{{ (trackers | first).tracker }}'
        end
    {%- endset -%}
    nullif({{ leader }}, {{ dbt.split_part('_source_table', "'.'", 1) }})
{%- endmacro %}

{% macro leading_trackers() -%}
    {#- The trackers whose events count, each with the store date from which on they do: those of the
        var, of which the first leads before its date too, or else, for all days, the first of the
        contract and the adapters that landed events. -#}
    {%- set chosen = var('leading_trackers') -%}
    {%- if not execute or not adapters_of('events') -%}
        {{ return([{'tracker': 'web', 'from': '1970-01-01'}]) }}
    {%- elif chosen -%}
        {{ return(checked_leading_trackers(chosen)) }}
    {%- endif -%}
    {%- set landed = query_column(
        'select distinct source_name from ' ~ landed_files_relation() ~ ' where '
        ~ is_event_table() ~ " and source_file <> '0_contract'"
    ) -%}
    {%- set trackers = ['web'] + (var('adapters') | select('in', adapters_of('events')) | list) -%}
    {%- set found = trackers | select('in', landed) | list -%}
    {{ return([{'tracker': (found + ['web'])[0], 'from': '1970-01-01'}]) }}
{%- endmacro %}

{% macro checked_leading_trackers(chosen) -%}
    {#- The var, where it can be used. -#}
    {%- set trackers = ['web'] + adapters_of('events') -%}
    {%- set checked = [] -%}
    {%- for entry in chosen -%}
        {%- if entry is not mapping or entry.get('tracker') not in trackers -%}
            {{ exceptions.raise_compiler_error(
                "the var leading_trackers is a list such as [{tracker: ga4, from: 2025-03-01}], and"
                ~ " the trackers that are on are " ~ trackers | join(', ') ~ "; not " ~ entry
            ) }}
        {%- endif -%}
        {%- do checked.append({
            'tracker': entry.tracker,
            'from': checked_date('from', entry.get('from', '1970-01-01') | string),
        }) -%}
    {%- endfor -%}
    {{ return(checked) }}
{%- endmacro %}
