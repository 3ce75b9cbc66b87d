-- What the filters offer: the largest first.
select
    'channels' as filter_name,
    channel as choice,
    cast(sum(sessions) as bigint) as sessions
from rpt_traffic_daily
group by channel
union all
select
    'devices' as filter_name,
    device_category as choice,
    cast(sum(sessions) as bigint) as sessions
from rpt_traffic_daily
group by device_category
union all
select
    'countries' as filter_name,
    country as choice,
    cast(sum(sessions) as bigint) as sessions
from rpt_traffic_daily
group by country
order by filter_name asc, sessions desc, choice asc
