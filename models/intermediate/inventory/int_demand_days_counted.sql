-- One row per variant and day within the history, from its first sale or snapshot to the last day
-- that is over; only variants that sold in the history. A day is stocked out if it began with
-- nothing at every location that sells.

with

as_of as (
    select {{ store_date('as_of_at') }} as as_of_date from {{ ref('int_as_of') }}
),

day_numbers as (
    {{ number_series(var('demand_history_days')) }}
),

days as (
    select
        cast({{ dbt.dateadd('day', '-day_numbers.number', 'as_of.as_of_date') }} as date)
            as demand_date
    from as_of
        cross join day_numbers
    where day_numbers.number > 0
),

history as (
    select min(demand_date) as first_date from days
),

sold as (
    select * from {{ ref('int_units_sold_daily') }}
),

shelves as (
    select
        days_opened.variant_id,
        days_opened.stock_date,
        max(coalesce(days_opened.opening_on_hand, 1)) <= 0 as is_stocked_out
    from {{ ref('int_stock_days_opened') }} as days_opened
        inner join {{ ref('int_stock_shared') }} as shared
            on
                days_opened.variant_id = shared.variant_id
                and days_opened.location_id = shared.location_id
    where shared.is_selling
    group by days_opened.variant_id, days_opened.stock_date
),

first_sales as (
    select
        sold.variant_id,
        min(sold.sales_date) as first_date
    from sold
        cross join as_of
        cross join history
    where sold.sales_date < as_of.as_of_date
    group by sold.variant_id
    having max(sold.sales_date) >= max(history.first_date)
),

first_snapshots as (
    select
        variant_id,
        min(stock_date) as first_date
    from shelves
    group by variant_id
)

select
    first_sales.variant_id,
    days.demand_date,
    cast(coalesce(sold.units, 0) as bigint) as units,
    coalesce(shelves.is_stocked_out, false) as is_stocked_out
from first_sales
    left join first_snapshots
        on first_sales.variant_id = first_snapshots.variant_id
    inner join days
        on
            days.demand_date
            >= least(
                first_sales.first_date, coalesce(first_snapshots.first_date, first_sales.first_date)
            )
    left join sold
        on first_sales.variant_id = sold.variant_id and days.demand_date = sold.sales_date
    left join shelves
        on first_sales.variant_id = shelves.variant_id and days.demand_date = shelves.stock_date
