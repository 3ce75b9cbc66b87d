select
    variant_id,
    forecast_date,
    p10,
    forecast,
    p90
from {{ ref('fct_demand_forecast') }}
where
    coalesce(p10 < 0 or p10 > forecast or forecast > p90, true)
