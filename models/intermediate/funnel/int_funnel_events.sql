{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['session_id', 'funnel_name', 'step_number', 'happened_at'],
    meta={'redone_by': ['visitor_id', 'session_date']}
) }}
-- Incremental because it reads all events, of which few belong to a funnel. Of a first step only
-- the earliest moment in a session can matter; of a later one each may come after the step before.

with

funnels as (
    select * from {{ ref('funnels') }}
),

pages as (
    select distinct
        event_name,
        page_path
    from {{ redone(ref('int_events_sessionized')) }}
    where event_name in (select funnels.event_name from funnels)
),

-- Patterns are matched once per page, not once per event.
step_pages as (
    select
        funnels.funnel_name,
        funnels.step_number,
        pages.event_name,
        pages.page_path
    from pages
        inner join funnels
            on
                pages.event_name = funnels.event_name
                and (
                    funnels.page_pattern is null
                    or {{ matches('pages.page_path', 'funnels.page_pattern') }}
                )
),

moments as (
    select
        max(events.session_date) as session_date,
        events.visitor_id,
        events.session_start_at,
        step_pages.funnel_name,
        step_pages.step_number,
        min(events.event_at) as happened_at,
        max(events.value) as step_value,
        max(events.currency) as currency
    from {{ redone(ref('int_events_sessionized')) }} as events
        inner join step_pages
            on
                events.event_name = step_pages.event_name
                and events.page_path is not distinct from step_pages.page_path
    where
        {{ is_of_no_robot() }}
    group by
        events.visitor_id,
        events.session_start_at,
        step_pages.funnel_name,
        step_pages.step_number,
        case when step_pages.step_number > 1 then events.event_at end
)

select
    moments.*,
    {{ session_id() }} as session_id
from moments
