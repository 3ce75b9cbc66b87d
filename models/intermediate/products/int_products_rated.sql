-- One row per product of a shop with reviews. The Bayesian mean counts ten reviews of the shop's
-- mean rating on top, so that one review of 5 does not beat a hundred of 4.8.
{%- set prior_reviews = 10 %}

with

reviews as (
    {{ latest_rows('stg_shop__reviews', ['review_id']) }}
),

valid as (
    select
        reviews.product_id,
        reviews.rating
    from reviews
        cross join {{ ref('int_as_of') }} as as_of
    where reviews.reviewed_at is null or reviews.reviewed_at <= as_of.as_of_at
),

shop as (
    select
        count(*) as shop_reviews,
        cast(sum(rating) as double) / nullif(count(*), 0) as shop_rating
    from valid
),

products as (
    select distinct product_id from {{ ref('int_variants_known') }}
),

rated as (
    select
        products.product_id,
        count(valid.rating) as review_count,
        cast(coalesce(sum(valid.rating), 0) as bigint) as rating_sum
    from products
        left join valid
            on products.product_id = valid.product_id
    group by products.product_id
)

select
    rated.product_id,
    rated.review_count,
    cast(rated.rating_sum as double) / nullif(rated.review_count, 0) as average_rating,
    ({{ prior_reviews }} * shop.shop_rating + rated.rating_sum)
    / ({{ prior_reviews }} + rated.review_count) as bayesian_rating
from rated
    inner join shop
        on shop.shop_reviews > 0
