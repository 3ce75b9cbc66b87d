select
    cast(date_trunc('month', conversion_date) as date) as conversion_month,
    first_channel,
    count(*) as conversions,
    {{ rounded('percentile_cont(0.5) within group (order by days_to_convert)', 6) }} as median_days,
    {{ rounded('percentile_cont(0.9) within group (order by days_to_convert)', 6) }} as p90_days,
    percentile_cont(0.5) within group (order by cast(touch_count as double)) as median_touches,
    round(percentile_cont(0.9) within group (
        order by cast(touch_count as double)
    ), 6) as p90_touches
from {{ ref('fct_journeys') }}
where is_converted
group by cast(date_trunc('month', conversion_date) as date), first_channel
