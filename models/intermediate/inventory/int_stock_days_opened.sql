-- One row per variant, location and day with a snapshot, up to the as-of day: what the day began
-- with and what left. The one scan of all snapshots; days older than the history are left behind.

with

as_of as (
    select {{ store_date('as_of_at') }} as as_of_date from {{ ref('int_as_of') }}
),

snapshots as (
    {{ latest_rows(
        'stg_shop__inventory_snapshots', ['variant_id', 'location_id', 'snapshot_date']
    ) }}
),

chained as (
    select
        snapshots.variant_id,
        snapshots.location_id,
        snapshots.snapshot_date as stock_date,
        snapshots.on_hand,
        coalesce(snapshots.committed, 0) as committed,
        coalesce(snapshots.incoming, 0) as incoming,
        snapshots.received,
        coalesce(snapshots.adjusted, 0) as adjusted,
        lag(snapshots.on_hand) over (
            partition by snapshots.variant_id, snapshots.location_id
            order by snapshots.snapshot_date
        ) as previous_on_hand,
        lag(snapshots.snapshot_date) over (
            partition by snapshots.variant_id, snapshots.location_id
            order by snapshots.snapshot_date
        ) as previous_date
    from snapshots
        cross join as_of
    where
        snapshots.snapshot_date <= as_of.as_of_date
        and {{ dbt.datediff('snapshots.snapshot_date', 'as_of.as_of_date', 'day') }}
        <= {{ var('demand_history_days') }}
),

-- Across a gap in the snapshots nobody knows what the day began with.
opened as (
    select
        *,
        case
            when {{ dbt.datediff('previous_date', 'stock_date', 'day') }} = 1
                then previous_on_hand
        end as opening_on_hand
    from chained
)

select
    variant_id,
    location_id,
    stock_date,
    opening_on_hand,
    on_hand,
    committed,
    incoming,
    received,
    greatest(
        coalesce(opening_on_hand + coalesce(received, 0) + adjusted - on_hand, 0), 0
    ) as units_left
from opened
