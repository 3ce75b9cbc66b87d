with

as_of as (
    select {{ store_date('as_of_at') }} as last_date from {{ ref('int_as_of') }}
),

first_sale as (
    select min(sales_date) as first_date from {{ ref('int_units_sold_daily') }}
),

numbers as (
    {{ number_series(var('price_history_days')) }}
),

days as (
    select {{ dbt.dateadd('day', '-numbers.number', 'as_of.last_date') }} as moment
    from numbers
        cross join as_of
)

select cast(days.moment as date) as price_date
from days
    cross join first_sale
where cast(days.moment as date) >= first_sale.first_date
