-- The value lost at a step is what was at stake there in the sessions that came no further. Those
-- that bought lost nothing, also where tracking missed a step between.

with

valued as (
    select
        reached.visitor_id,
        reached.session_start_at,
        reached.step_number,
        reached.closed_at is not null as is_closed_reached,
        case
            when not reached.is_left then 0
            when
                coalesce(reached.currency, reporting.reporting_currency)
                = reporting.reporting_currency
                then coalesce(reached.step_value, 0)
            else coalesce(reached.step_value, 0) * rates.rate
        end as lost_value
    from {{ ref('int_session_steps') }} as reached
        cross join {{ ref('int_reporting_currency') }} as reporting
        left join {{ ref('int_currency_rates_valid') }} as rates
            on
                reached.is_left
                and reached.currency = rates.currency
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
