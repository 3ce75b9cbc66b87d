-- One row per cutoff, reason and product for everyone. Popular: by orders of the last four weeks.
-- Trending: by how far they exceed those of the four weeks before, in standard errors of the
-- difference of two Poisson counts.

with

scored as (
    select
        cutoff_kind,
        'popular' as reason,
        product_id,
        cast(recent_orders as double) as score
    from {{ ref('int_products_recommendable') }}
    where is_in_stock and recent_orders > 0
    union all
    select
        cutoff_kind,
        'trending' as reason,
        product_id,
        (recent_orders - previous_orders)
        / nullif(sqrt(cast(recent_orders + previous_orders as double)), 0) as score
    from {{ ref('int_products_recommendable') }}
    where is_in_stock and recent_orders > previous_orders
)

select
    *,
    row_number() over (
        partition by cutoff_kind, reason order by score desc, product_id asc
    ) as recommendation_rank
from scored
