-- The value lost at a step is what was at stake there in the sessions that came no further. Those
-- that bought lost nothing, also where tracking missed a step between.

with

reached as (
    select * from {{ ref('int_session_steps') }}
),

last_step as (
    select max(step_number) as step_number from {{ ref('funnel_steps') }}
),

valued as (
    select
        reached.session_date,
        reached.visitor_id,
        reached.session_start_at,
        reached.step_number,
        reached.closed_at is not null as is_closed_reached,
        case
            when
                reached.closed_at is not null
                and next_step.closed_at is null
                and bought.step_number is null
                and reached.step_number < last_step.step_number
                then coalesce(reached.step_value, 0) * case
                    when
                        coalesce(reached.currency, reporting.reporting_currency)
                        = reporting.reporting_currency
                        then 1
                    else rates.rate
                end
            else 0
        end as lost_value
    from reached
        cross join last_step
        cross join {{ ref('int_reporting_currency') }} as reporting
        left join reached as next_step
            on
                reached.session_date = next_step.session_date
                and reached.visitor_id = next_step.visitor_id
                and reached.session_start_at = next_step.session_start_at
                and reached.step_number + 1 = next_step.step_number
        left join reached as bought
            on
                reached.session_date = bought.session_date
                and reached.visitor_id = bought.visitor_id
                and reached.session_start_at = bought.session_start_at
                and last_step.step_number = bought.step_number
        left join {{ ref('int_currency_rates_valid') }} as rates
            on
                reached.currency = rates.currency
                and reached.session_date >= rates.valid_from
                and reached.session_date < rates.valid_to
)

select
    sessions.session_date as report_date,
    sessions.channel,
    coalesce(sessions.device_category, '(not set)') as device_category,
    funnel_steps.step,
    funnel_steps.step_number,
    count(*) as sessions_open,
    count(case when valued.is_closed_reached then 1 end) as sessions_closed,
    cast(sum(valued.lost_value) as decimal(18, 2)) as lost_value
from valued
    inner join {{ ref('fct_sessions') }} as sessions
        on
            valued.visitor_id = sessions.visitor_id
            and valued.session_start_at = sessions.session_start_at
    inner join {{ ref('funnel_steps') }} as funnel_steps
        on valued.step_number = funnel_steps.step_number
where not sessions.is_bot
group by
    sessions.session_date,
    sessions.channel,
    coalesce(sessions.device_category, '(not set)'),
    funnel_steps.step,
    funnel_steps.step_number
