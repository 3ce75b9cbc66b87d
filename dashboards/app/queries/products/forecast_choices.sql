select
    forecast.variant_id,
    coalesce(max(products.title), forecast.variant_id) as title,
    sum(forecast.forecast) as forecast_units
from fct_demand_forecast as forecast
    left join dim_products as products on forecast.variant_id = products.variant_id
group by forecast.variant_id
order by forecast_units desc, forecast.variant_id asc
limit 300
