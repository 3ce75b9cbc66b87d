select
    cast(
        case when $is_weekly then date_trunc('week', report_date) else report_date end as date
    ) as day,
    channel,
    cast(sum(sessions) as bigint) as sessions
from rpt_traffic_daily
where
    report_date between $start and $end
    and (len($channels) = 0 or list_contains($channels, channel))
    and (len($devices) = 0 or list_contains($devices, device_category))
    and (len($countries) = 0 or list_contains($countries, country))
group by day, channel
order by day, channel
