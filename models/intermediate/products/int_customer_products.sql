-- One row per cutoff, customer and product bought by then. It is owned unless every unit came back.

with

bought as (
    select
        cutoffs.cutoff_kind,
        ordered.customer_id,
        ordered.product_id,
        max(ordered.ordered_at) as last_ordered_at,
        min({{ dbt.datediff('ordered.ordered_at', 'cutoffs.cutoff_at', 'day') }}) as recency_days,
        count(*) as order_count,
        count(case
            when ordered.returned_at is null or ordered.returned_at > cutoffs.cutoff_at then 1
        end) > 0 as is_owned
    from {{ ref('int_products_ordered') }} as ordered
        inner join {{ ref('int_recommendation_cutoffs') }} as cutoffs
            on ordered.ordered_at <= cutoffs.cutoff_at
    where ordered.customer_id is not null
    group by cutoffs.cutoff_kind, ordered.customer_id, ordered.product_id
)

select
    *,
    row_number() over (
        partition by cutoff_kind, customer_id order by last_ordered_at desc, product_id asc
    ) as purchase_rank
from bought
