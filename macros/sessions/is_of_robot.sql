{% macro is_of_robot() -%}
    {#- Whether a row of `events` is of a robot's session. Robots are few: to look for their sessions
        costs far less than to find every event's own. -#}
    exists (
            select 1
            from {{ redone(ref('int_sessions_summarized')) }} as sessions
            where
                sessions.is_bot
                and events.session_date = sessions.session_date
                and events.visitor_id = sessions.visitor_id
                and events.session_start_at = sessions.session_start_at
        )
{%- endmacro %}
