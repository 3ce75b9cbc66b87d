select
    channel as name,
    step,
    step_number,
    cast(sum(sessions_closed) as bigint) as sessions_closed,
    sum(lost_value) as lost_value
from rpt_funnel_daily
where
    report_date between $start and $end
    and (len($channels) = 0 or list_contains($channels, channel))
    and (len($devices) = 0 or list_contains($devices, device_category))
group by channel, step, step_number
order by name, step_number
