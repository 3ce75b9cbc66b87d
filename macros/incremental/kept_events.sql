{% macro kept_events() -%}
    {#- The stored events that this build goes on from, or none. The days of a range that is rebuilt
        are left out whole, so that nothing in them is believed: their events arrive like new ones.
        What is left is cut right, because sessions leave as a whole. -#}
    {%- set in_range = in_rebuild_range('session_date') if rebuild_range() else none -%}
    {%- set stored_events = kept_state('int_events_sessionized') -%}
    {%- if not stored_events or not in_range -%}
        {{ return(stored_events) }}
    {%- endif -%}
    {{ return('(select * from ' ~ stored_events ~ ' as stored where not (' ~ in_range ~ '))') }}
{%- endmacro %}
