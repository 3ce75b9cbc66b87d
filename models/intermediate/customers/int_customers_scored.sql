-- One row per customer with an order: recency, frequency (distinct order days) and net sales, with
-- quintiles by rank; equal customers are told apart by their id so that scores never depend on
-- the order of rows.

with

as_of as (
    select {{ store_date('as_of_at') }} as as_of_date from {{ ref('int_as_of') }}
),

orders as (
    select
        customer_id,
        ordered_at,
        order_date,
        cast((gross_sales - discounts - returns) * fx_rate as decimal(18, 2)) as net_sales
    from {{ ref('int_orders_valued') }}
    where is_sale and customer_id is not null
),

totals as (
    select
        orders.customer_id,
        min(orders.ordered_at) as first_order_at,
        max(orders.ordered_at) as last_order_at,
        count(*) as order_count,
        count(distinct orders.order_date) as order_days,
        coalesce(sum(orders.net_sales), 0) as net_sales,
        {{ dbt.datediff('max(orders.order_date)', 'max(as_of.as_of_date)', 'day') }}
            as recency_days
    from orders
        cross join as_of
    group by orders.customer_id
)

select
    *,
    {{ rfm_scores() }}
from totals
