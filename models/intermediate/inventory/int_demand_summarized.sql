-- One row per variant: mean and variance of its daily demand in the window before the as-of day.
-- Thousandths of units are added up, so that sums do not depend on the order of rows.

with

as_of as (
    select {{ store_date('as_of_at') }} as as_of_date from {{ ref('int_as_of') }}
),

days as (
    select
        corrected.variant_id,
        corrected.units,
        {{ as_decimal('corrected.demand', 3) }} as demand
    from {{ ref('int_demand_days_corrected') }} as corrected
        cross join as_of
    where
        {{ dbt.datediff('corrected.demand_date', 'as_of.as_of_date', 'day') }}
        <= {{ var('demand_window_days') }}
),

totals as (
    select
        variant_id,
        count(*) as day_count,
        sum(units) as units,
        cast(sum(demand) as double) as demand,
        cast(sum(demand * demand) as double) as squares,
        cast(sum(demand - units) as double) as lost_sales
    from days
    group by variant_id
)

select
    variant_id,
    day_count,
    units,
    demand / day_count as daily_demand,
    greatest(squares - demand * demand / day_count, 0) / nullif(day_count - 1, 0)
        as demand_variance,
    lost_sales
from totals
