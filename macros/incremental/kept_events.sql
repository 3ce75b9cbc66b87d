{% macro kept_events() -%}
    {#- The stored events that this build goes on from, or none. The days of a range that is rebuilt
        are left out whole, so that nothing in them is believed: their events arrive like new ones.
        What is left is cut right, because sessions leave as a whole. So are the events of files
        that are read again because another export superseded rows of them. -#}
    {%- set stored_events = kept_state('int_events_sessionized') -%}
    {%- if not stored_events -%}
        {{ return(stored_events) }}
    {%- endif -%}
    {%- set left_out = [] -%}
    {%- if rebuild_range() -%}
        {%- do left_out.append(in_rebuild_range('session_date')) -%}
    {%- endif -%}
    {%- set files = superseded_files() -%}
    {%- if files -%}
        {%- do left_out.append('_source_file in (' ~ sql_list(files) ~ ')') -%}
    {%- endif -%}
    {%- if not left_out -%}
        {{ return(stored_events) }}
    {%- endif -%}
    {{ return(
        '(select * from ' ~ stored_events ~ ' as stored where not (' ~ left_out | join(' or ') ~ '))'
    ) }}
{%- endmacro %}
