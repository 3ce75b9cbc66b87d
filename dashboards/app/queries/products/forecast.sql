select
    forecast_date as day,
    forecast,
    p10,
    p90,
    method,
    rmsse,
    seasonal_naive_rmsse
from fct_demand_forecast
where variant_id = $variant_id
order by forecast_date
