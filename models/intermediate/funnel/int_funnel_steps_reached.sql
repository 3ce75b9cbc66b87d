{{ config(materialized='view') }}
-- A session is one entrant of its own. A person enters once, at the first step's first occurrence,
-- with all visitors that are known to be theirs: as that may change any day, it is no daily table.
-- A view, read once.

with

funnels as (
    select
        funnel_name,
        max(window_hours) as window_hours
    from {{ ref('funnels') }}
    where scope = 'person'
    group by funnel_name
),

happened as (
    select
        events.*,
        coalesce(
            'customer:' || visitors.customer_id, 'visitor:' || events.visitor_id
        ) as entrant_id,
        funnels.window_hours
    from {{ ref('int_funnel_events') }} as events
        inner join funnels
            on events.funnel_name = funnels.funnel_name
        left join {{ ref('int_visitors_identified') }} as visitors
            on events.visitor_id = visitors.visitor_id
),

{{ closed_steps('happened') }}

{%- set columns %}
    funnel_name,
    entrant_id,
    step_number,
    reached_at,
    open_until,
    session_id,
    session_date,
    step_value,
    currency
{%- endset %}

select {{ columns }}
from closed_steps
union all
select {{ columns }}
from {{ ref('int_funnel_session_steps') }}
