{{ config(materialized='incremental', incremental_strategy='replace_days') }}
-- depends_on: {{ ref('int_session_days') }}
-- Incremental because it reads all events, of which few belong to a funnel. Of a first step only
-- the earliest moment in a session can matter; of a later one each may come after the step before.

with

events as (
    select
        events.session_date,
        events.visitor_id,
        events.session_start_at,
        sessions.session_id,
        events.event_at,
        events.value,
        events.currency,
        events.day_version,
        funnels.funnel_name,
        funnels.step_number
    from {{ ref('int_events_sessionized') }} as events
        inner join {{ ref('funnels') }} as funnels
            on
                events.event_name = funnels.event_name
                and (
                    funnels.page_pattern is null
                    or regexp_matches(events.page_path, funnels.page_pattern)
                )
        {{ join_human_sessions() }}
    {%- if is_incremental() %}
    where events.session_date in ({{ days_to_replace() }})
    {%- endif %}
),

moments as (
    select
        session_date,
        visitor_id,
        session_start_at,
        session_id,
        funnel_name,
        step_number,
        min(event_at) as happened_at,
        max(value) as step_value,
        max(currency) as currency,
        max(day_version) as day_version,
        '{{ definition_hash(model.name) }}' as definition_hash
    from events
    group by
        session_date,
        visitor_id,
        session_start_at,
        session_id,
        funnel_name,
        step_number,
        case when step_number > 1 then event_at end
)

select * from moments
