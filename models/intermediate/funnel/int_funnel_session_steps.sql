{{ config(materialized='incremental', incremental_strategy='replace_days') }}
-- depends_on: {{ ref('int_session_days') }}
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
    from {{ ref('int_funnel_events') }} as events
        inner join funnels
            on events.funnel_name = funnels.funnel_name
    {%- if is_incremental() %}
    where events.session_date in ({{ days_to_replace() }})
    {%- endif %}
),

{{ closed_steps('happened') }}

select
    *,
    '{{ definition_hash(model.name) }}' as definition_hash
from closed_steps
