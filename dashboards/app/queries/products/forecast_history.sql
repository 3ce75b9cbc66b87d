-- The eight weeks before the forecast.
with origin as (
    select min(forecast_date) as first_day
    from fct_demand_forecast
    where variant_id = $variant_id
)

select
    daily.report_date as day,
    cast(sum(daily.units) as bigint) as units
from rpt_product_daily as daily
    inner join origin
        on daily.report_date >= origin.first_day - 56 and daily.report_date < origin.first_day
where daily.variant_id = $variant_id
group by daily.report_date
order by daily.report_date
