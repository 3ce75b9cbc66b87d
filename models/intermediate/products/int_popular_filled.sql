-- One row per customer and rank that the next best products leave free of ten: the most popular
-- take it, under the same rule about what is owned. Ranks go on counting after the next best. Ten
-- are always found among the first 10 + as many as the customer bought.

with

bought as (
    select
        customer_id,
        count(*) as bought_products
    from {{ ref('int_customer_products') }}
    where cutoff_kind = 'now'
    group by customer_id
),

next_best as (
    select
        customer_id,
        product_id
    from {{ ref('int_next_best_ranked') }}
    where cutoff_kind = 'now'
),

ranked as (
    select
        customer_id,
        count(*) as next_best_products
    from next_best
    group by customer_id
),

customers as (
    select
        known.customer_id,
        coalesce(bought.bought_products, 0) as bought_products,
        coalesce(ranked.next_best_products, 0) as next_best_products
    from {{ ref('int_customers_known') }} as known
        left join bought
            on known.customer_id = bought.customer_id
        left join ranked
            on known.customer_id = ranked.customer_id
),

popular as (
    select
        popular.recommendation_rank as popular_rank,
        popular.product_id,
        popular.score,
        recommendable.is_bought_repeatedly
    from {{ ref('int_popular_ranked') }} as popular
        inner join {{ ref('int_products_recommendable') }} as recommendable
            on
                popular.cutoff_kind = recommendable.cutoff_kind
                and popular.product_id = recommendable.product_id
    where popular.cutoff_kind = 'now' and popular.reason = 'popular'
),

allowed as (
    select
        customers.customer_id,
        popular.product_id,
        popular.score,
        customers.next_best_products
        + row_number() over (
            partition by customers.customer_id order by popular.popular_rank
        ) as recommendation_rank
    from customers
        inner join popular
            on
                customers.bought_products + 10 >= popular.popular_rank
                and customers.next_best_products < 10
        left join next_best
            on
                customers.customer_id = next_best.customer_id
                and popular.product_id = next_best.product_id
        left join {{ ref('int_customer_products') }} as owned
            on
                owned.cutoff_kind = 'now'
                and customers.customer_id = owned.customer_id
                and popular.product_id = owned.product_id
    where
        next_best.product_id is null
        and (owned.product_id is null or not owned.is_owned or popular.is_bought_repeatedly)
)

select * from allowed
where recommendation_rank <= 10
