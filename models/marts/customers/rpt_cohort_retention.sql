-- The grid is complete: a month that lies after the data is null, not 0.

with

as_of as (
    select {{ store_date('as_of_at') }} as as_of_date from {{ ref('int_as_of') }}
),

orders as (
    select
        orders.customer_id,
        cast({{ dbt.date_trunc('month', 'orders.order_date') }} as date) as order_month,
        orders.net_sales_reporting
    from {{ ref('fct_orders') }} as orders
        inner join as_of
            on orders.order_date <= as_of.as_of_date
    where orders.is_sale and orders.customer_id is not null
),

cohorts as (
    select
        customer_id,
        min(order_month) as cohort_month
    from orders
    group by customer_id
),

sizes as (
    select
        cohort_month,
        count(*) as cohort_size
    from cohorts
    group by cohort_month
),

activity as (
    select
        cohorts.cohort_month,
        {{ dbt.datediff('cohorts.cohort_month', 'orders.order_month', 'month') }} as month_number,
        count(distinct orders.customer_id) as customers,
        sum(orders.net_sales_reporting) as net_sales
    from orders
        inner join cohorts
            on orders.customer_id = cohorts.customer_id
    group by
        cohorts.cohort_month,
        {{ dbt.datediff('cohorts.cohort_month', 'orders.order_month', 'month') }}
),

bounds as (
    select
        min(sizes.cohort_month) as first_month,
        cast({{ dbt.date_trunc('month', 'max(as_of.as_of_date)') }} as date) as as_of_month,
        max(as_of.as_of_date) as as_of_date
    from sizes
        cross join as_of
),

month_numbers as (
    {{ number_series(1200) }}
),

grid as (
    select
        sizes.cohort_month,
        sizes.cohort_size,
        month_numbers.number as month_number,
        {{ dbt.dateadd('month', 'month_numbers.number', 'sizes.cohort_month') }} as observed_month,
        bounds.as_of_month,
        bounds.as_of_date
    from sizes
        cross join bounds
        inner join month_numbers
            on
                month_numbers.number
                <= {{ dbt.datediff('bounds.first_month', 'bounds.as_of_month', 'month') }}
)

select
    grid.cohort_month,
    grid.month_number,
    grid.cohort_size,
    case
        when grid.observed_month <= grid.as_of_month then coalesce(activity.customers, 0)
    end as customers,
    cast(case
        when grid.observed_month <= grid.as_of_month then coalesce(activity.net_sales, 0)
    end as decimal(18, 2)) as net_sales,
    grid.observed_month <= grid.as_of_month as is_observed,
    grid.observed_month < grid.as_of_month as is_month_over
from grid
    left join activity
        on
            grid.cohort_month = activity.cohort_month
            and grid.month_number = activity.month_number
