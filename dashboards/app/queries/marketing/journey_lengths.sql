-- Quantiles do not add up, so the months stay apart.
select
    conversion_month,
    first_channel,
    conversions,
    median_days,
    p90_days,
    median_touches,
    p90_touches
from rpt_journey_lengths
where
    conversion_month between date_trunc('month', cast($start as date)) and $end
    and (len($channels) = 0 or list_contains($channels, first_channel))
order by conversion_month desc, conversions desc, first_channel asc
limit 300
