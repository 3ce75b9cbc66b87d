with

customers as (
    select
        known.customer_id,
        scored.last_order_at
    from {{ ref('int_customers_known') }} as known
        left join {{ ref('int_customers_scored') }} as scored
            on known.customer_id = scored.customer_id
),

-- A session that began before the last order led to it, or was before it.
sessions_since as (
    select
        customers.customer_id,
        count(*) as session_count,
        bool_or(sessions.has_view_item) as has_viewed,
        bool_or(sessions.has_add_to_cart) as has_carted
    from customers
        inner join {{ ref('fct_sessions') }} as sessions
            on
                customers.customer_id = sessions.customer_id
                and sessions.session_start_at
                > coalesce(customers.last_order_at, cast('1970-01-01' as timestamp))
    where not sessions.is_bot
    group by customers.customer_id
)

select
    customers.customer_id,
    customers.last_order_at is not null as is_buyer,
    baskets.main_category,
    baskets.main_category_share,
    baskets.price_index,
    baskets.price_tier,
    baskets.discounted_share,
    baskets.discount_affinity,
    browsing.main_browsed_category,
    browsing.main_browsed_category_share,
    browsing.browsing_focus,
    coalesce(browsing.product_views, 0) as product_views,
    coalesce(browsing.product_views_30d, 0) as product_views_30d,
    coalesce(browsing.product_views_90d, 0) as product_views_90d,
    coalesce(browsing.browsing_sessions, 0) as browsing_sessions,
    coalesce(browsing.is_browsing_without_buying, false) as is_browsing_without_buying,
    coalesce(sessions_since.session_count, 0) as sessions_since_order,
    case
        when sessions_since.has_carted then 'carted'
        when sessions_since.has_viewed then 'viewed'
        when sessions_since.customer_id is not null then 'visited'
        else 'none'
    end as activity_since_order
from customers
    left join {{ ref('int_customer_baskets_summarized') }} as baskets
        on customers.customer_id = baskets.customer_id
    left join {{ ref('fct_browsing_segments') }} as browsing
        on customers.customer_id = browsing.customer_id
    left join sessions_since
        on customers.customer_id = sessions_since.customer_id
