select
    report_date as day,
    cast(sum(carts) as bigint) as carts,
    cast(sum(open_carts) as bigint) as open_carts,
    cast(sum(abandoned_carts) as bigint) as abandoned_carts,
    cast(sum(recovered_carts) as bigint) as recovered_carts,
    cast(sum(checkouts) as bigint) as checkouts,
    cast(sum(abandoned_checkouts) as bigint) as abandoned_checkouts,
    sum(abandoned_value) as abandoned_value,
    sum(recovered_value) as recovered_value
from rpt_cart_abandonment_daily
where
    report_date between $start and $end
    and (len($channels) = 0 or list_contains($channels, channel))
    and (len($devices) = 0 or list_contains($devices, device_category))
group by report_date
order by report_date
