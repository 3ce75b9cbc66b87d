{{ config(materialized='incremental', incremental_strategy='replace_days') }}
-- depends_on: {{ ref('int_session_days') }}
-- One row per session date and pair of pages that followed each other, robots left out. In a
-- loop the session then goes back to from_page; a page viewed several times in a row is one stop.

with

page_views as (
    select
        events.session_date,
        events.visitor_id,
        events.session_start_at,
        events.event_at,
        events.event_id,
        events.page_path,
        events.day_version
    from {{ ref('int_events_sessionized') }} as events
        {{ join_human_sessions() }}
    where
        events.event_name = 'page_view'
        and events.page_path is not null
        {%- if is_incremental() %}
        and events.session_date in ({{ days_to_replace() }})
        {%- endif %}
),

transitions as (
    select
        session_date,
        visitor_id,
        session_start_at,
        page_path as from_page,
        coalesce(
            lead(page_path) over (
                partition by visitor_id, session_start_at order by event_at, event_id
            ),
            '(exit)'
        ) as to_page,
        event_at,
        event_id,
        day_version
    from page_views
),

-- Among the steps to another page the next one says where the session went from to_page.
followed as (
    select
        *,
        lead(to_page) over (
            partition by visitor_id, session_start_at, from_page <> to_page
            order by event_at, event_id
        ) = from_page and from_page <> to_page as is_loop
    from transitions
),

-- A session counts once per pair, however often it went that way.
session_transitions as (
    select
        session_date,
        visitor_id,
        session_start_at,
        from_page,
        to_page,
        count(case when is_loop then 1 end) as loops,
        max(day_version) as day_version
    from followed
    group by session_date, visitor_id, session_start_at, from_page, to_page
),

counted as (
    select
        session_date,
        from_page,
        to_page,
        count(*) as sessions,
        count(case when loops > 0 then 1 end) as loop_sessions,
        cast(sum(loops) as bigint) as loops,
        max(day_version) as day_version,
        '{{ definition_hash(model.name) }}' as definition_hash
    from session_transitions
    group by session_date, from_page, to_page
)

select * from counted
