{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['visitor_id', 'session_start_at', 'step_number'],
    meta={'redone_by': ['visitor_id', 'session_date']}
) }}
-- One row per session and funnel step that it reached. Open: the step occurred. Closed: it occurred
-- no earlier than the earliest valid time of the step before it, so closed counts never rise. Left:
-- the last closed step of a session that did not buy, also where tracking missed a step between.
{%- set last_step = 6 %}

with

steps as (
    select
        events.session_date,
        events.visitor_id,
        events.session_start_at,
        events.event_at,
        events.value,
        events.currency,
        funnel_steps.step_number
    from {{ redone(ref('int_events_sessionized')) }} as events
        inner join {{ ref('funnel_steps') }} as funnel_steps
            on events.event_name = funnel_steps.step
),

open_steps as (
    select
        max(session_date) as session_date,
        visitor_id,
        session_start_at,
        step_number,
        min(event_at) as open_at,
        max(value) as step_value,
        max(currency) as currency
    from steps
    group by visitor_id, session_start_at, step_number
),

closed_1 as (
    select
        visitor_id,
        session_start_at,
        step_number,
        open_at as closed_at
    from open_steps
    where step_number = 1
),

{%- for step in range(2, last_step + 1) %}

closed_{{ step }} as (
    select
        steps.visitor_id,
        steps.session_start_at,
        steps.step_number,
        min(steps.event_at) as closed_at,
        max(previous.closed_at) as previous_closed_at
    from steps
        inner join closed_{{ step - 1 }} as previous
            on
                steps.visitor_id = previous.visitor_id
                and steps.session_start_at = previous.session_start_at
                and steps.event_at >= previous.closed_at
    where steps.step_number = {{ step }}
    group by steps.visitor_id, steps.session_start_at, steps.step_number
),
{%- endfor %}

-- The first step has none before it: it is closed when it is open.
later_steps as (
    {%- for step in range(2, last_step + 1) %}
    select * from closed_{{ step }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

reached as (
    select
        open_steps.*,
        case
            when open_steps.step_number = 1 then open_steps.open_at
            else later_steps.closed_at
        end as closed_at,
        later_steps.previous_closed_at
    from open_steps
        left join later_steps
            on
                open_steps.visitor_id = later_steps.visitor_id
                and open_steps.session_start_at = later_steps.session_start_at
                and open_steps.step_number = later_steps.step_number
),

last_steps as (
    select
        visitor_id,
        session_start_at,
        max(case when closed_at is not null then step_number end) as last_closed_step,
        max(step_number) as last_open_step
    from reached
    group by visitor_id, session_start_at
)

select
    reached.*,
    coalesce(
        reached.step_number = last_steps.last_closed_step
        and last_steps.last_open_step
        < (select max(funnel_steps.step_number) from {{ ref('funnel_steps') }} as funnel_steps),
        false
    ) as is_left
from reached
    inner join last_steps
        on
            reached.visitor_id = last_steps.visitor_id
            and reached.session_start_at = last_steps.session_start_at
