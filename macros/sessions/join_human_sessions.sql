{% macro join_human_sessions() -%}
    {#- Joins the session of each row of `events`, as `sessions`, and leaves out those of robots. -#}
    inner join {{ ref('int_sessions_summarized') }} as sessions
            on
                events.session_date = sessions.session_date
                and events.visitor_id = sessions.visitor_id
                and events.session_start_at = sessions.session_start_at
                and not sessions.is_bot
{%- endmacro %}
