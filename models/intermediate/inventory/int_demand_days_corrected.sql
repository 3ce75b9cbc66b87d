-- One row per variant and day with its demand. Sales of a day without stock are censored: its
-- demand is what was expected, from the days in stock before it, at the pace of its weekday. Save
-- that pace, which is the shop's, no later day counts, so that a back-test sees no future.
{%- set fewest_days_in_stock = 7 %}

with

days as (
    select
        *,
        dayofweek(demand_date) as weekday
    from {{ ref('int_demand_days_counted') }}
),

-- Units of a weekday against those of an average day, of the whole shop. A decimal, so that sums do
-- not depend on the order of rows.
weekdays as (
    select
        weekday,
        cast(
            avg(cast(units as double)) * sum(count(*)) over ()
            / nullif(sum(sum(units)) over (), 0) as decimal(9, 4)
        ) as weekday_factor
    from days
    where not is_stocked_out
    group by weekday
),

paced as (
    select
        days.*,
        weekdays.weekday_factor,
        sum(case when days.is_stocked_out then 0 else days.units end) over window_before
            as units_before,
        sum(case when days.is_stocked_out then 0 else weekdays.weekday_factor end)
            over window_before as pace_before,
        sum(case when days.is_stocked_out then 0 else 1 end) over window_before
            as days_before
    from days
        left join weekdays
            on days.weekday = weekdays.weekday
    window window_before as (
        partition by days.variant_id order by days.demand_date
        rows between {{ var('demand_window_days') }} preceding and 1 preceding
    )
),

expected as (
    select
        *,
        case
            when days_before >= {{ fewest_days_in_stock }}
                then
                    round(
                        cast(units_before as double) / nullif(cast(pace_before as double), 0)
                        * cast(weekday_factor as double), 8
                    )
        end as expected_units
    from paced
)

select
    variant_id,
    demand_date,
    units,
    is_stocked_out,
    expected_units,
    case
        when is_stocked_out
            then greatest(coalesce(expected_units, 0), cast(units as double))
        else cast(units as double)
    end as demand
from expected
