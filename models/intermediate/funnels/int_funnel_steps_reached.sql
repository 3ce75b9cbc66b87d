-- The closed funnel: a step is reached when it happens no earlier than the step before was reached
-- and no later than the window after the first step. A person enters once, at the first step's
-- first occurrence; a session is one entrant of its own.
{%- set last_step = 8 %}

with

funnels as (
    select
        funnel_name,
        max(scope) as scope,
        max(window_hours) as window_hours
    from {{ ref('funnels') }}
    group by funnel_name
),

happened as (
    select
        events.funnel_name,
        case
            when funnels.scope = 'session' then events.session_id
            else coalesce(visitors.customer_id, events.visitor_id)
        end as entrant_id,
        events.step_number,
        events.happened_at,
        events.session_id,
        events.session_date,
        events.step_value,
        events.currency
    from {{ ref('int_funnel_events') }} as events
        inner join funnels
            on events.funnel_name = funnels.funnel_name
        left join {{ ref('int_visitors_identified') }} as visitors
            on events.visitor_id = visitors.visitor_id
),

entered as (
    select
        funnel_name,
        entrant_id,
        min(happened_at) as entered_at
    from happened
    where step_number = 1
    group by funnel_name, entrant_id
),

step_1 as (
    select
        entered.funnel_name,
        entered.entrant_id,
        cast(1 as bigint) as step_number,
        entered.entered_at as reached_at,
        entered.entered_at + interval '1' hour * funnels.window_hours as open_until
    from entered
        inner join funnels
            on entered.funnel_name = funnels.funnel_name
),

{%- for step in range(2, last_step + 1) %}

step_{{ step }} as (
    select
        happened.funnel_name,
        happened.entrant_id,
        happened.step_number,
        min(happened.happened_at) as reached_at,
        max(previous.open_until) as open_until
    from happened
        inner join step_{{ step - 1 }} as previous
            on
                happened.funnel_name = previous.funnel_name
                and happened.entrant_id = previous.entrant_id
                and happened.happened_at >= previous.reached_at
                and (
                    previous.open_until is null
                    or happened.happened_at <= previous.open_until
                )
    where happened.step_number = {{ step }}
    group by happened.funnel_name, happened.entrant_id, happened.step_number
),
{%- endfor %}

reached as (
    {%- for step in range(1, last_step + 1) %}
    select * from step_{{ step }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    reached.funnel_name,
    reached.entrant_id,
    reached.step_number,
    reached.reached_at,
    max(reached.open_until) as open_until,
    min(happened.session_id) as session_id,
    min(happened.session_date) as session_date,
    max(happened.step_value) as step_value,
    max(happened.currency) as currency
from reached
    inner join happened
        on
            reached.funnel_name = happened.funnel_name
            and reached.entrant_id = happened.entrant_id
            and reached.step_number = happened.step_number
            and reached.reached_at = happened.happened_at
group by reached.funnel_name, reached.entrant_id, reached.step_number, reached.reached_at
