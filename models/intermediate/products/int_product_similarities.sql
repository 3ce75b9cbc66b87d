-- One row per cutoff, product and product in stock that the same customers bought: the cosine of
-- their buyers, shrunk towards 0 where few bought both, × the momentum of the similar product; the
-- best of each product, below 1. A customer's latest products alone pair up: n make n² pairs.
{%- set latest_products = 100 %}
{%- set fewest_customers = 2 %}
{%- set shrinkage = 20 %}
{%- set neighbours = 50 %}

with

bought as (
    select
        cutoff_kind,
        customer_id,
        product_id
    from {{ ref('int_customer_products') }}
    where purchase_rank <= {{ latest_products }}
),

buyers as (
    select
        cutoff_kind,
        product_id,
        count(*) as buyers
    from bought
    group by cutoff_kind, product_id
),

pairs as (
    select
        bought.cutoff_kind,
        bought.product_id,
        others.product_id as similar_product_id,
        count(*) as customers_together
    from bought
        inner join bought as others
            on
                bought.cutoff_kind = others.cutoff_kind
                and bought.customer_id = others.customer_id
                and bought.product_id <> others.product_id
    group by bought.cutoff_kind, bought.product_id, others.product_id
    having count(*) >= {{ fewest_customers }}
),

scored as (
    select
        pairs.cutoff_kind,
        pairs.product_id,
        pairs.similar_product_id,
        pairs.customers_together,
        cast(
            pairs.customers_together
            / nullif(sqrt(cast(own.buyers as double) * others.buyers), 0)
            * pairs.customers_together / (pairs.customers_together + {{ shrinkage }})
            * recommendable.momentum
            as decimal(10, 10)
        ) as similarity
    from pairs
        inner join buyers as own
            on pairs.cutoff_kind = own.cutoff_kind and pairs.product_id = own.product_id
        inner join buyers as others
            on
                pairs.cutoff_kind = others.cutoff_kind
                and pairs.similar_product_id = others.product_id
        inner join {{ ref('int_products_recommendable') }} as recommendable
            on
                pairs.cutoff_kind = recommendable.cutoff_kind
                and pairs.similar_product_id = recommendable.product_id
    where recommendable.is_in_stock
),

ranked as (
    select
        *,
        row_number() over (
            partition by cutoff_kind, product_id
            order by similarity desc, similar_product_id asc
        ) as similarity_rank
    from scored
)

select * from ranked
where similarity_rank <= {{ neighbours }}
