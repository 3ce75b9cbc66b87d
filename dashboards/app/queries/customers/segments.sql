select
    segment,
    count(*) as customers,
    count(*) / nullif(sum(count(*)) over (), 0) as share,
    cast(sum(order_count) as bigint) as orders,
    sum(net_sales) as net_sales,
    sum(net_sales) / nullif(count(*), 0) as net_sales_per_customer,
    sum(recency_days) / nullif(count(*), 0) as mean_recency_days
from dim_customers
where
    segment is not null
    and (len($countries) = 0 or list_contains($countries, country))
group by segment
order by net_sales desc, segment asc
