select
    country as name,
    cast(sum(sessions) as bigint) as sessions,
    cast(sum(new_visitors) as bigint) as new_visitors,
    cast(sum(engaged_sessions) as bigint) as engaged_sessions,
    cast(sum(bounces) as bigint) as bounces,
    cast(sum(page_views) as bigint) as page_views,
    cast(sum(purchase_sessions) as bigint) as purchase_sessions,
    cast(sum(orders) as bigint) as orders,
    sum(net_revenue) as net_revenue
from rpt_traffic_daily
where
    report_date between $start and $end
    and (len($channels) = 0 or list_contains($channels, channel))
    and (len($devices) = 0 or list_contains($devices, device_category))
    and (len($countries) = 0 or list_contains($countries, country))
group by country
order by sessions desc, name asc
