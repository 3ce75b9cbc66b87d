select
    abandonment_reason as reason,
    count(*) as abandoned_carts,
    count(*) filter (where is_recovered) as recovered_carts,
    coalesce(sum(cart_value), 0) as abandoned_value,
    coalesce(sum(cart_value) filter (where is_recovered), 0) as recovered_value
from fct_carts
where
    cart_state = 'abandoned'
    and started_date between $start and $end
    and (len($channels) = 0 or list_contains($channels, channel))
    and (len($devices) = 0 or list_contains($devices, device_category))
    and (len($countries) = 0 or list_contains($countries, country))
group by abandonment_reason
order by abandoned_carts desc, reason asc
