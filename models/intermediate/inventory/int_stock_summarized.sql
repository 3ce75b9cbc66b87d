-- One row per variant and location: its newest snapshot, and the days of the window before the
-- as-of day. What the window began with is the snapshot before it, or the first one within it.
{%- set window_days = var('demand_window_days') %}

with

as_of as (
    select {{ store_date('as_of_at') }} as as_of_date from {{ ref('int_as_of') }}
),

days as (
    select
        days_opened.*,
        {{ dbt.datediff('days_opened.stock_date', 'as_of.as_of_date', 'day') }} as days_ago
    from {{ ref('int_stock_days_opened') }} as days_opened
        cross join as_of
)

select
    variant_id,
    location_id,
    max(stock_date) as stock_date,
    max_by(on_hand, stock_date) as on_hand,
    max_by(committed, stock_date) as committed,
    max_by(incoming, stock_date) as incoming,
    coalesce(
        max_by(on_hand, stock_date) filter (where days_ago > {{ window_days }}),
        min_by(on_hand, stock_date)
    ) as opening_on_hand,
    cast(
        sum(received) filter (where days_ago between 1 and {{ window_days }}) as bigint
    ) as received,
    count(*) filter (where on_hand <= 0 and days_ago between 1 and {{ window_days }})
        as stockout_days
from days
group by variant_id, location_id
