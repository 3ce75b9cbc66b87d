-- One row per cutoff, customer and rank of the product to buy next: the similarities with what the
-- customer bought add up, an older purchase counting for less. Owned products are left out unless
-- they are bought repeatedly; the backtest asks for new finds and leaves out all that was bought.
-- Products and sums are of decimals, so that they depend on no order of rows and no engine: of
-- millions of products in floating point some are rounded the other way elsewhere. The two factors
-- have 18 digits together, so that engines multiply them as whole numbers of 64 bits.
{%- set half_life_days = 90 %}
{%- set latest_products = 50 %}

with

bought as (
    select
        cutoff_kind,
        customer_id,
        product_id,
        cast(
            power(0.5, recency_days / cast({{ half_life_days }} as double)) as decimal(8, 7)
        ) as weight
    from {{ ref('int_customer_products') }}
    where
        purchase_rank <= {{ latest_products }}
        and (
            cutoff_kind = 'now'
            or customer_id in (
                select found.customer_id from {{ ref('int_products_found') }} as found
            )
        )
),

candidates as (
    select
        bought.cutoff_kind,
        bought.customer_id,
        similarities.similar_product_id as product_id,
        sum(similarities.similarity * bought.weight) as score
    from bought
        inner join {{ ref('int_product_similarities') }} as similarities
            on
                bought.cutoff_kind = similarities.cutoff_kind
                and bought.product_id = similarities.product_id
    group by bought.cutoff_kind, bought.customer_id, similarities.similar_product_id
),

allowed as (
    select
        candidates.*,
        row_number() over (
            partition by candidates.cutoff_kind, candidates.customer_id
            order by candidates.score desc, candidates.product_id asc
        ) as recommendation_rank
    from candidates
        inner join {{ ref('int_products_recommendable') }} as recommendable
            on
                candidates.cutoff_kind = recommendable.cutoff_kind
                and candidates.product_id = recommendable.product_id
        left join {{ ref('int_customer_products') }} as owned
            on
                candidates.cutoff_kind = owned.cutoff_kind
                and candidates.customer_id = owned.customer_id
                and candidates.product_id = owned.product_id
    where
        owned.product_id is null
        or (
            candidates.cutoff_kind = 'now'
            and (not owned.is_owned or recommendable.is_bought_repeatedly)
        )
)

select
    cutoff_kind,
    customer_id,
    product_id,
    cast(score as decimal(18, 10)) as score,
    recommendation_rank
from allowed
where recommendation_rank <= 10 and score > 0
