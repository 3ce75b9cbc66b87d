-- One row per customer with an order up to the as-of day: recency, frequency (distinct order days)
-- and net sales, with quintiles by rank; equal customers are told apart by their id so that scores
-- never depend on the order of rows.

with

as_of as (
    select {{ store_date('as_of_at') }} as as_of_date from {{ ref('int_as_of') }}
),

orders as (
    select
        valued.customer_id,
        valued.ordered_at,
        valued.order_date,
        as_of.as_of_date,
        cast(
            (valued.gross_sales - valued.discounts - valued.returns) * valued.fx_rate
            as decimal(18, 2)
        ) as net_sales
    from {{ ref('int_orders_valued') }} as valued
        inner join as_of
            on valued.order_date <= as_of.as_of_date
    where valued.is_sale and valued.customer_id is not null
),

totals as (
    select
        customer_id,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at,
        count(*) as order_count,
        count(distinct order_date) as order_days,
        coalesce(sum(net_sales), 0) as net_sales,
        {{ dbt.datediff('max(order_date)', 'max(as_of_date)', 'day') }} as recency_days
    from orders
    group by customer_id
)

select
    *,
    {{ rfm_scores() }}
from totals
