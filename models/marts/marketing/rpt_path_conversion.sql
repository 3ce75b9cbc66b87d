select
    path,
    max(touch_count) as touch_count,
    count(*) as journeys,
    count(conversion_id) as conversions,
    count(*) - count(conversion_id) as non_conversions,
    cast(count(conversion_id) as double) / nullif(count(*), 0) as journey_conversion_rate,
    cast(coalesce(sum(revenue), 0) as decimal(18, 2)) as revenue,
    cast(sum({{ as_decimal('days_to_convert', 6) }}) as decimal(18, 6)) as days_to_convert_total
from {{ ref('fct_journeys') }}
group by path
