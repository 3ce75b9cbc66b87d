{% macro is_of_robot() -%}
    {#- Whether a row of `events` is of a robot's session. Robots are few: to look for their sessions
        costs far less than to find every event's own. -#}
    (events.visitor_id, events.session_start_at) in (
            select
                sessions.visitor_id,
                sessions.session_start_at
            from {{ redone(ref('int_sessions_summarized')) }} as sessions
            where sessions.is_bot
        )
{%- endmacro %}
