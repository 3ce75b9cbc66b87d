{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['session_date', 'from_page', 'to_page'],
    meta={'redone_by': ['session_date']}
) }}
-- One row per session date and pair of pages that followed each other, robots left out. In a
-- loop the session then goes back to from_page; a page viewed several times in a row is one stop.

with

-- Pages are few: their numbers are sorted and compared, not their texts.
pages as (
    select
        page_path,
        row_number() over (order by page_path) as page_number
    from {{ redone(ref('int_events_sessionized')) }}
    where event_name = 'page_view' and page_path is not null
    group by page_path
),

-- So are sessions, which visitor and time would tell apart. Robots' are none.
sessions as (
    select
        session_date,
        visitor_id,
        session_start_at,
        row_number() over (order by session_start_at) as session_number
    from {{ redone(ref('int_sessions_summarized')) }}
    where not is_bot
),

-- Numbered once, so that the second of the two sorts has but a number to compare.
transitions as (
    select
        sessions.session_date,
        sessions.session_number,
        pages.page_number as from_page,
        coalesce(lead(pages.page_number) over session_views, 0) as to_page,
        row_number() over session_views as view_number
    from {{ redone(ref('int_events_sessionized')) }} as events
        inner join pages
            on events.page_path = pages.page_path
        inner join sessions
            on
                events.visitor_id = sessions.visitor_id
                and events.session_start_at = sessions.session_start_at
    where events.event_name = 'page_view'
    window session_views as (
        partition by sessions.session_number order by events.event_at, events.event_id
    )
),

-- Among the steps to another page the next one says where the session went from to_page.
followed as (
    select
        *,
        lead(to_page) over (
            partition by session_number, from_page <> to_page order by view_number
        ) = from_page and from_page <> to_page as is_loop
    from transitions
),

-- A session counts once per pair, however often it went that way.
session_transitions as (
    select
        from_page,
        to_page,
        max(session_date) as session_date,
        count(case when is_loop then 1 end) as loops
    from followed
    group by session_number, from_page, to_page
),

counted as (
    select
        session_date,
        from_page,
        to_page,
        count(*) as sessions,
        count(case when loops > 0 then 1 end) as loop_sessions,
        cast(sum(loops) as bigint) as loops
    from session_transitions
    group by session_date, from_page, to_page
)

-- After the last page there is none: the number 0.
select
    counted.session_date,
    from_pages.page_path as from_page,
    coalesce(to_pages.page_path, '(exit)') as to_page,
    counted.sessions,
    counted.loop_sessions,
    counted.loops
from counted
    inner join pages as from_pages
        on counted.from_page = from_pages.page_number
    left join pages as to_pages
        on counted.to_page = to_pages.page_number
