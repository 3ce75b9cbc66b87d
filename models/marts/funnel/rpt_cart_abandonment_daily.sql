with

counted as (
    select
        started_date as report_date,
        channel,
        coalesce(device_category, '(not set)') as device_category,
        count(*) as carts,
        count(case when cart_state = 'open' then 1 end) as open_carts,
        count(case when cart_state = 'purchased' then 1 end) as purchased_carts,
        count(case when cart_state = 'emptied' then 1 end) as emptied_carts,
        count(case when cart_state = 'abandoned' then 1 end) as abandoned_carts,
        count(case when is_recovered then 1 end) as recovered_carts,
        cast(
            sum(case when cart_state = 'abandoned' then cart_value else 0 end) as decimal(18, 2)
        ) as abandoned_value,
        cast(
            sum(case when is_recovered then cart_value else 0 end) as decimal(18, 2)
        ) as recovered_value,
        count(case when has_checkout and cart_state <> 'open' then 1 end) as checkouts,
        count(
            case when has_checkout and cart_state = 'abandoned' then 1 end
        ) as abandoned_checkouts
    from {{ ref('fct_carts') }}
    group by started_date, channel, coalesce(device_category, '(not set)')
)

select
    *,
    cast(abandoned_carts as double) / nullif(carts - open_carts, 0) as cart_abandonment_rate,
    cast(recovered_carts as double) / nullif(abandoned_carts, 0) as cart_recovery_rate,
    cast(abandoned_checkouts as double) / nullif(checkouts, 0) as checkout_abandonment_rate
from counted
