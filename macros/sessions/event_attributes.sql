{#- What of an event nothing reads but the models of sessions: int_events_sessionized stores each
    list as one packed text. -#}

{% macro visit_columns() -%}
    {#- Device, place and person: a session takes them from its first event. -#}
    {{ return([
        'device_category', 'operating_system', 'browser', 'user_agent',
        'country', 'region', 'language', 'age_bracket', 'gender',
    ]) }}
{%- endmacro %}

{% macro traffic_columns() -%}
    {#- Where the visitor may have come from; most events say nothing of it. -#}
    {{ return([
        'page_host', 'referrer_host', 'traffic_parameters',
        'utm_source', 'utm_medium', 'utm_campaign', 'gclid', 'fbclid', 'msclkid',
    ]) }}
{%- endmacro %}

{% macro traffic_values() -%}
    {#- What stands for each of traffic_columns(): of a click id that there is one, not which one. It
        names a single click, and nothing reads it; without it many events say the same. -#}
    {%- set values = [] -%}
    {%- for column in traffic_columns() -%}
        {%- if column in ['gclid', 'fbclid', 'msclkid'] -%}
            {%- do values.append('case when ' ~ column ~ " is not null then '1' end") -%}
        {%- else -%}
            {%- do values.append(column) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(values) }}
{%- endmacro %}
