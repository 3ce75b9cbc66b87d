-- One row per cutoff and product with stock snapshots: the units that could be sold at the last one
-- of each of its variants and locations. What lies where nothing is sold from (returned goods, for
-- one) cannot be, and what one variant lacks is not taken from another.

with

latest as (
    select
        cutoffs.cutoff_kind,
        days_opened.variant_id,
        days_opened.location_id,
        max_by(days_opened.on_hand - days_opened.committed, days_opened.stock_date) as available
    from {{ ref('int_stock_days_opened') }} as days_opened
        inner join {{ ref('int_recommendation_cutoffs') }} as cutoffs
            on days_opened.stock_date <= {{ store_date('cutoffs.cutoff_at') }}
    group by cutoffs.cutoff_kind, days_opened.variant_id, days_opened.location_id
)

select
    latest.cutoff_kind,
    variants.product_id,
    cast(
        sum(case when shared.is_selling then greatest(latest.available, 0) else 0 end) as bigint
    ) as available
from latest
    inner join {{ ref('int_stock_shared') }} as shared
        on latest.variant_id = shared.variant_id and latest.location_id = shared.location_id
    inner join {{ ref('int_variants_known') }} as variants
        on latest.variant_id = variants.variant_id
group by latest.cutoff_kind, variants.product_id
