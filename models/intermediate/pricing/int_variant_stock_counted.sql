-- What lies where no unit was ever committed (returned goods, for one) cannot be bought. It counts
-- where no other place has the variant.

with

snapshots as (
    {{ latest_rows(
        'stg_shop__inventory_snapshots', ['variant_id', 'location_id', 'snapshot_date']
    ) }}
),

locations as (
    select
        location_id,
        coalesce(max(committed), 0) > 0 as sends_goods
    from snapshots
    group by location_id
)

select
    snapshots.variant_id,
    snapshots.snapshot_date,
    cast(
        coalesce(
            sum(case when locations.sends_goods then snapshots.on_hand end),
            sum(snapshots.on_hand)
        ) as bigint
    ) as on_hand
from snapshots
    inner join locations
        on snapshots.location_id = locations.location_id
group by snapshots.variant_id, snapshots.snapshot_date
