select
    report_date as day,
    cast(sum(views) as bigint) as views,
    cast(sum(add_to_carts) as bigint) as add_to_carts,
    cast(sum(purchases) as bigint) as purchases,
    cast(sum(units) as bigint) as units,
    cast(sum(returned_units) as bigint) as returned_units,
    sum(net_sales) as net_sales,
    sum(returns) as returns
from rpt_product_daily
where report_date between $start and $end
group by report_date
order by report_date
