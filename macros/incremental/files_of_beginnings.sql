{% macro files_of_beginnings(stored_events, boundaries) -%}
    {#- The files of stored events that begin a session in this build and did not before, because
        another event left it: of their visit nothing is stored. As a list of SQL literals, which let
        engines skip files; a blank one where there are none, as in nearly every build. -#}
    {{ return(sql_list(query_column(
        'select distinct stored._source_file from (select * from ' ~ stored_events ~ ' where '
        ~ is_to_redo() ~ ' and visit is null) as stored inner join ' ~ boundaries ~ ' as boundaries'
        ~ ' on stored.visitor_id = boundaries.visitor_id'
        ~ ' and stored.event_at = boundaries.session_start_at order by 1'
    ))) }}
{%- endmacro %}
