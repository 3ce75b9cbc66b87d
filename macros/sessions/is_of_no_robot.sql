{% macro is_of_no_robot() -%}
    {#- Whether a row of `events` is of no robot's session. Robots are few: to look for their sessions
        costs far less than to find every event's own. -#}
    {{ not_among(
        ['events.visitor_id', 'events.session_start_at'],
        'select sessions.visitor_id, sessions.session_start_at from '
        ~ redone(ref('int_sessions_summarized')) ~ ' as sessions where sessions.is_bot'
    ) }}
{%- endmacro %}
