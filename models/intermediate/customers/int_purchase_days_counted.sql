-- One row per known customer and day with an order, numbered from the customer's first. The day of
-- a cancelled order counts, as it does for RFM, but its sales do not: so the mean of a day's sales,
-- times the days to come, is what those will bring. The value is null where no rate is known.

with

orders as (
    select
        customer_id,
        order_date,
        ordered_at,
        case
            when is_cancelled then 0
            else cast((gross_sales - discounts - returns) * fx_rate as decimal(18, 2))
        end as net_sales
    from {{ ref('int_orders_valued') }}
    where is_sale and customer_id is not null
),

days as (
    select
        customer_id,
        order_date,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at,
        cast(sum(net_sales) as decimal(18, 2)) as net_sales
    from orders
    group by customer_id, order_date
)

select
    *,
    row_number() over (partition by customer_id order by order_date) as day_number,
    {{ dbt.datediff(
        'lag(order_date) over (partition by customer_id order by order_date)', 'order_date', 'day'
    ) }} as days_since_previous
from days
