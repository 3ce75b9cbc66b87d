-- One row per complete month and customer who had ordered by its end: recency, frequency and net
-- sales as of the month's last day, and their quintiles among the customers of that month.

with

as_of as (
    select {{ store_date('as_of_at') }} as as_of_date from {{ ref('int_as_of') }}
),

purchase_days as (
    select * from {{ ref('int_purchase_days_counted') }}
),

first_month as (
    select cast({{ dbt.date_trunc('month', 'min(order_date)') }} as date) as month_date
    from purchase_days
),

month_numbers as (
    {{ number_series(1200) }}
),

starts as (
    select
        cast({{ dbt.dateadd('month', 'month_numbers.number', 'first_month.month_date') }} as date)
            as month_date
    from first_month
        cross join month_numbers
),

months as (
    select
        starts.month_date,
        cast({{ dbt.dateadd('month', 1, 'starts.month_date') }} as date) as next_month_date
    from starts
        cross join as_of
    where
        starts.month_date < cast({{ dbt.date_trunc('month', 'as_of.as_of_date') }} as date)
),

-- Each customer's totals after each purchase day hold until the next one.
totals as (
    select
        customer_id,
        order_date,
        day_number as order_days,
        sum(coalesce(net_sales, 0)) over (
            partition by customer_id
            order by order_date
            rows between unbounded preceding and current row
        ) as net_sales,
        lead(order_date) over (partition by customer_id order by order_date) as next_order_date
    from purchase_days
),

dated as (
    select
        months.month_date,
        totals.customer_id,
        totals.order_days,
        totals.net_sales,
        {{ dbt.datediff('totals.order_date', 'months.next_month_date', 'day') }} - 1
            as recency_days
    from months
        inner join totals
            on
                months.next_month_date > totals.order_date
                and (
                    totals.next_order_date is null
                    or months.next_month_date <= totals.next_order_date
                )
)

select
    *,
    {{ rfm_scores(within='month_date') }}
from dated
