with

for_products as (
    select
        'product' as subject_kind,
        product_id as subject_id,
        reason,
        recommendation_rank,
        other_product_id as recommended_product_id,
        score
    from {{ ref('int_product_pairs_ranked') }}
),

for_customers as (
    select
        'customer' as subject_kind,
        customer_id as subject_id,
        'next_best' as reason,
        recommendation_rank,
        product_id as recommended_product_id,
        cast(score as double) as score
    from {{ ref('int_next_best_ranked') }}
    where cutoff_kind = 'now'
    union all
    select
        'customer' as subject_kind,
        customer_id as subject_id,
        'popular' as reason,
        recommendation_rank,
        product_id as recommended_product_id,
        score
    from {{ ref('int_popular_filled') }}
),

for_everyone as (
    select
        'everyone' as subject_kind,
        'everyone' as subject_id,
        reason,
        recommendation_rank,
        product_id as recommended_product_id,
        score
    from {{ ref('int_popular_ranked') }}
    where cutoff_kind = 'now' and recommendation_rank <= 10
)

select * from for_products
union all
select * from for_customers
union all
select * from for_everyone
