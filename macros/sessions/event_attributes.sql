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
