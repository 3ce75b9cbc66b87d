-- One row per variant and location: the location's share of the variant's demand. Orders name no
-- location, so that demand is shared by the units that left each one. A place that nothing ever
-- leaves, such as one for returned goods, sells nothing; where nothing leaves any, all sell.

with

departures as (
    select
        variant_id,
        location_id,
        sum(units_left) as units_left
    from {{ ref('int_stock_days_opened') }}
    group by variant_id, location_id
),

selling as (
    select
        variant_id,
        location_id,
        sum(units_left) over (partition by location_id) > 0
        or sum(units_left) over () = 0 as is_selling,
        units_left
    from departures
),

totals as (
    select
        *,
        sum(units_left) over (partition by variant_id) as variant_units_left,
        sum(case when is_selling then 1 else 0 end) over (partition by variant_id)
            as selling_locations
    from selling
)

select
    variant_id,
    location_id,
    is_selling,
    case
        when not is_selling then null
        when variant_units_left = 0 then cast(1 as double) / nullif(selling_locations, 0)
        else cast(units_left as double) / nullif(variant_units_left, 0)
    end as demand_share
from totals
