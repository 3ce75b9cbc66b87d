{% macro files_to_read_again(ledger) -%}
    {#- The files that hold the events of a range that is rebuilt: those with events from its first
        date to the last one that its sessions can run to, and those that its stored rows name,
        because damage may have drawn events of other dates into its sessions. -#}
    {%- set first, last = rebuild_range() -%}
    {%- set parse_date = modules.datetime.date.fromisoformat -%}
    {%- set reach = namespace(date=parse_date(last), is_found=false, files=[]) -%}
    {#- Each turn reads ahead as far as the reach has come: a session of a year takes ten turns. -#}
    {%- for _ in range(30) if not reach.is_found -%}
        {%- set reach.files = query_column(
            'select distinct source_file from ' ~ ledger ~ " where event_date between cast('"
            ~ first ~ "' as date) and cast('" ~ reach.date ~ "' as date)"
        ) -%}
        {%- set found = query_column(last_date_of_sessions(reach.files, first, last, reach.date)) -%}
        {%- set found_date = parse_date(found[0]) -%}
        {%- set reach.is_found = found_date <= reach.date -%}
        {%- set reach.date = found_date + (reach.date - parse_date(last)) -%}
    {%- endfor -%}
    {%- set stored_events = kept_state('int_events_sessionized') -%}
    {%- if stored_events -%}
        {%- do reach.files.extend(query_column(
            'select distinct _source_file from ' ~ stored_events ~ ' where '
            ~ in_rebuild_range('session_date')
        )) -%}
    {%- endif -%}
    {{ return(reach.files) }}
{%- endmacro %}

{% macro last_date_of_sessions(files, first, last, read_to) -%}
    {#- A query of the last date on which an event could still belong to a session that has events
        from the first to the last date, as far as the files show it up to a third date. Copies and
        rejected rows may take part: they can only make it later. -#}
    {%- set timeout = "interval '" ~ var('session_timeout_seconds') ~ "' second" -%}
    with

    events as (
        select
            visitor_id,
            event_id,
            event_at,
            {{ store_date('event_at') }} as event_date,
            lag(event_at) over (
                partition by visitor_id order by event_at, event_id
            ) as previous_event_at
        from {{ api.Relation.create(
            database=target.get('database'), schema='staging', identifier='stg_web__events'
        ) }}
        where
            _source_file in ({{ sql_list(files) }})
            and {{ store_date('event_at') }}
            between cast('{{ first }}' as date) and cast('{{ read_to }}' as date)
    ),

    runs as (
        select
            event_at,
            count(
                case
                    when
                        event_date > cast('{{ last }}' as date)
                        and coalesce(event_at > previous_event_at + {{ timeout }}, true)
                        then 1
                end
            ) over (
                partition by visitor_id order by event_at, event_id
                rows between unbounded preceding and current row
            ) as later_session_count
        from events
    )

    select coalesce(max({{ store_date('event_at + ' ~ timeout) }}), cast('{{ last }}' as date))
    from runs
    where later_session_count = 0
{%- endmacro %}
