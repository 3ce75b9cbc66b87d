-- The value at stake is what the step's own events carried, in the reporting currency. An entrant
-- is lost at the last step it reached, unless it is a person whose window is still open; without
-- a window that is for ever.

with

funnels as (
    select
        funnel_name,
        max(scope) as scope,
        max(step_number) as last_step
    from {{ ref('funnels') }}
    group by funnel_name
),

-- The steps that an entrant reached follow each other without a gap.
followed as (
    select
        *,
        first_value(session_id) over entrant as entry_session_id,
        lag(reached_at) over entrant as previous_reached_at,
        lead(step_number) over entrant as next_step
    from {{ ref('int_funnel_steps_reached') }}
    window entrant as (partition by funnel_name, entrant_id order by step_number)
),

judged as (
    select
        followed.*,
        followed.next_step is null and followed.step_number < funnels.last_step as is_left,
        funnels.scope = 'person' and coalesce(followed.open_until >= as_of.as_of_at, true)
            as is_window_open
    from followed
        inner join funnels
            on followed.funnel_name = funnels.funnel_name
        cross join {{ ref('int_as_of') }} as as_of
)

select
    judged.funnel_name,
    judged.entrant_id,
    judged.step_number,
    judged.entry_session_id,
    judged.reached_at,
    {{ seconds_between('judged.previous_reached_at', 'judged.reached_at') }}
        as seconds_from_previous,
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
    cross join {{ ref('int_reporting_currency') }} as reporting
    left join {{ ref('int_currency_rates_valid') }} as rates
        on
            judged.currency = rates.currency
            and judged.session_date >= rates.valid_from
            and judged.session_date < rates.valid_to
