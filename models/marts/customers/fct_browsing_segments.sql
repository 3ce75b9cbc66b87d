with

browsed as (
    select
        person_id as person_key,
        customer_id,
        visitor_id,
        -- The most viewed; of several the first by name.
        min_by(category, {{ sort_key(['-product_views', 'category']) }}) as main_browsed_category,
        cast(max(product_views) as double)
        / nullif(sum(product_views), 0) as main_browsed_category_share,
        cast(sum(product_views) as bigint) as product_views,
        cast(sum(product_views_30d) as bigint) as product_views_30d,
        cast(sum(product_views_90d) as bigint) as product_views_90d,
        cast(sum(sessions) as bigint) as browsing_sessions,
        max(last_viewed_at) as last_viewed_at
    from {{ ref('int_categories_browsed') }}
    group by person_id, customer_id, visitor_id
)

select
    browsed.*,
    case
        when browsed.product_views < 3 then 'few views'
        when browsed.main_browsed_category_share >= 0.5 then 'one category'
        else 'several categories'
    end as browsing_focus,
    purchases.last_bought_at,
    browsed.product_views_30d > 0
    and coalesce(
        purchases.last_bought_at <= {{ dbt.dateadd('day', -30, 'as_of.as_of_at') }}, true
    ) as is_browsing_without_buying
from browsed
    left join {{ ref('int_last_purchases_known') }} as purchases
        on browsed.person_key = purchases.person_id
    cross join {{ ref('int_as_of') }} as as_of
