-- Customers who ordered in the period; returning ones had ordered before, whenever that was.
with customers as (
    select
        customer_id,
        count(*) as orders,
        max(customer_order_number) > 1 as is_returning,
        sum(net_sales_reporting) as net_sales
    from fct_orders
    where
        is_sale
        and customer_id is not null
        and order_date between $start and $end
    group by customer_id
)

select
    count(*) as customers,
    count(*) filter (where is_returning) as returning_customers,
    count(*) filter (where orders > 1) as repeat_customers,
    cast(sum(orders) as bigint) as orders,
    sum(net_sales) as net_sales
from customers
