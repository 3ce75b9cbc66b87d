-- The value at stake is what the step's own events carried, in the reporting currency. An entrant
-- is lost at the last step it reached, unless its window is still open.

with

reached as (
    select * from {{ ref('int_funnel_steps_reached') }}
),

last_steps as (
    select
        funnel_name,
        max(step_number) as step_number
    from {{ ref('funnels') }}
    group by funnel_name
)

select
    reached.funnel_name,
    reached.entrant_id,
    reached.step_number,
    entries.session_id as entry_session_id,
    reached.reached_at,
    {{ seconds_between('previous.reached_at', 'reached.reached_at') }} as seconds_from_previous,
    next_step.reached_at is null
    and reached.step_number < last_steps.step_number
    and coalesce(reached.open_until >= as_of.as_of_at, false) as is_waiting,
    next_step.reached_at is null
    and reached.step_number < last_steps.step_number
    and coalesce(reached.open_until < as_of.as_of_at, true) as is_lost,
    cast(case
        when
            coalesce(reached.currency, reporting.reporting_currency)
            = reporting.reporting_currency
            then reached.step_value
        else reached.step_value * rates.rate
    end as decimal(18, 2)) as step_value
from reached
    inner join last_steps
        on reached.funnel_name = last_steps.funnel_name
    inner join reached as entries
        on
            reached.funnel_name = entries.funnel_name
            and reached.entrant_id = entries.entrant_id
            and entries.step_number = 1
    cross join {{ ref('int_as_of') }} as as_of
    cross join {{ ref('int_reporting_currency') }} as reporting
    left join reached as previous
        on
            reached.funnel_name = previous.funnel_name
            and reached.entrant_id = previous.entrant_id
            and reached.step_number = previous.step_number + 1
    left join reached as next_step
        on
            reached.funnel_name = next_step.funnel_name
            and reached.entrant_id = next_step.entrant_id
            and reached.step_number + 1 = next_step.step_number
    left join {{ ref('int_currency_rates_valid') }} as rates
        on
            reached.currency = rates.currency
            and reached.session_date >= rates.valid_from
            and reached.session_date < rates.valid_to
