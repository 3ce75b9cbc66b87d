-- One row per cutoff and product with stock snapshots: the units that could be sold at the last one
-- of each of its variants and locations.
{%- set snapshot_key = ['variant_id', 'location_id', 'snapshot_date'] %}

with

snapshots as (
    {{ latest_rows('stg_shop__inventory_snapshots', snapshot_key) }}
),

dated as (
    select
        cutoffs.cutoff_kind,
        snapshots.variant_id,
        snapshots.on_hand - coalesce(snapshots.committed, 0) as available,
        row_number() over (
            partition by cutoffs.cutoff_kind, snapshots.variant_id, snapshots.location_id
            order by snapshots.snapshot_date desc
        ) as snapshot_rank
    from snapshots
        inner join {{ ref('int_recommendation_cutoffs') }} as cutoffs
            on snapshots.snapshot_date <= {{ store_date('cutoffs.cutoff_at') }}
)

select
    dated.cutoff_kind,
    variants.product_id,
    cast(sum(dated.available) as bigint) as available
from dated
    inner join {{ ref('int_variants_known') }} as variants
        on dated.variant_id = variants.variant_id
where dated.snapshot_rank = 1
group by dated.cutoff_kind, variants.product_id
