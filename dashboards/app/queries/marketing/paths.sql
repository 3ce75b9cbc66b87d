select
    path,
    touch_count,
    journeys,
    conversions,
    journey_conversion_rate,
    revenue,
    days_to_convert_total / nullif(conversions, 0) as mean_days
from rpt_path_conversion
where conversions > 0
order by conversions desc, journeys desc, path asc
limit 200
