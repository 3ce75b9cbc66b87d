select
    variant_id,
    forecast_date,
    forecast,
    p10,
    p90,
    method,
    rmsse,
    seasonal_naive_rmsse
from {{ ref('int_demand_forecasted') }}
