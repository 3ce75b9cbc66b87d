select
    channel,
    cast(sum(sessions) as bigint) as sessions,
    cast(sum(purchase_sessions) as bigint) as purchase_sessions,
    cast(sum(orders) as bigint) as orders,
    sum(net_revenue) as net_revenue
from rpt_traffic_daily
where
    report_date between $start and $end
    and (len($channels) = 0 or list_contains($channels, channel))
    and (len($devices) = 0 or list_contains($devices, device_category))
    and (len($countries) = 0 or list_contains($countries, country))
group by channel
order by net_revenue desc, channel asc
