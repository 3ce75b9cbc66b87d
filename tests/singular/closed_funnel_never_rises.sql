with

steps as (
    select
        report_date,
        channel,
        device_category,
        step,
        step_number,
        sessions_open,
        sessions_closed,
        lag(sessions_closed) over (
            partition by report_date, channel, device_category order by step_number
        ) as previous_closed
    from {{ ref('rpt_funnel_daily') }}
)

select *
from steps
where
    sessions_closed > sessions_open
    or (step_number > 1 and sessions_closed > coalesce(previous_closed, 0))
