-- The value at stake is what the step's own events carried, in the reporting currency. An entrant
-- is lost at the last step it reached, unless it is a person whose window is still open; without
-- a window that is for ever.

with

reached as (
    select * from {{ ref('int_funnel_steps_reached') }}
),

funnels as (
    select
        funnel_name,
        max(scope) as scope,
        max(step_number) as last_step
    from {{ ref('funnels') }}
    group by funnel_name
),

judged as (
    select
        reached.*,
        next_step.reached_at is null and reached.step_number < funnels.last_step as is_left,
        funnels.scope = 'person' and coalesce(reached.open_until >= as_of.as_of_at, true)
            as is_window_open
    from reached
        inner join funnels
            on reached.funnel_name = funnels.funnel_name
        cross join {{ ref('int_as_of') }} as as_of
        left join reached as next_step
            on
                reached.funnel_name = next_step.funnel_name
                and reached.entrant_id = next_step.entrant_id
                and reached.step_number + 1 = next_step.step_number
)

select
    judged.funnel_name,
    judged.entrant_id,
    judged.step_number,
    entries.session_id as entry_session_id,
    judged.reached_at,
    {{ seconds_between('previous.reached_at', 'judged.reached_at') }} as seconds_from_previous,
    judged.is_left and judged.is_window_open as is_waiting,
    judged.is_left and not judged.is_window_open as is_lost,
    cast(case
        when
            coalesce(judged.currency, reporting.reporting_currency)
            = reporting.reporting_currency
            then judged.step_value
        else judged.step_value * rates.rate
    end as decimal(18, 2)) as step_value
from judged
    inner join reached as entries
        on
            judged.funnel_name = entries.funnel_name
            and judged.entrant_id = entries.entrant_id
            and entries.step_number = 1
    left join reached as previous
        on
            judged.funnel_name = previous.funnel_name
            and judged.entrant_id = previous.entrant_id
            and judged.step_number = previous.step_number + 1
    cross join {{ ref('int_reporting_currency') }} as reporting
    left join {{ ref('int_currency_rates_valid') }} as rates
        on
            judged.currency = rates.currency
            and judged.session_date >= rates.valid_from
            and judged.session_date < rates.valid_to
