{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['funnel_name', 'entrant_id', 'step_number'],
    meta={'redone_by': ['session_id', 'session_date']}
) }}
-- Incremental because a session's steps never depend on another day, and sessions are many.

with

funnels as (
    select
        funnel_name,
        max(window_hours) as window_hours
    from {{ ref('funnels') }}
    where scope = 'session'
    group by funnel_name
),

happened as (
    select
        events.*,
        events.session_id as entrant_id,
        funnels.window_hours
    from {{ redone(ref('int_funnel_events')) }} as events
        inner join funnels
            on events.funnel_name = funnels.funnel_name
),

{{ closed_steps('happened') }}

select * from closed_steps
