-- One row per method, customer and rank of the backtest, and whether the customer then bought the
-- product. Popular products are ranked for each customer, without those that it had bought: both
-- methods have the same task.
{%- set popular_candidates = 200 %}

with

found as (
    select
        *,
        count(*) over (partition by customer_id) as found_products
    from {{ ref('int_products_found') }}
),

customers as (
    select distinct
        customer_id,
        found_products
    from found
),

ranked as (
    select
        'popular' as method,
        customers.customer_id,
        popular.product_id,
        row_number() over (
            partition by customers.customer_id order by popular.recommendation_rank
        ) as recommendation_rank
    from customers
        inner join {{ ref('int_popular_ranked') }} as popular
            on
                popular.cutoff_kind = 'backtest'
                and popular.reason = 'popular'
                and popular.recommendation_rank <= {{ popular_candidates }}
        left join {{ ref('int_customer_products') }} as bought
            on
                popular.cutoff_kind = bought.cutoff_kind
                and customers.customer_id = bought.customer_id
                and popular.product_id = bought.product_id
    where bought.product_id is null
    union all
    select
        'next_best' as method,
        customer_id,
        product_id,
        recommendation_rank
    from {{ ref('int_next_best_ranked') }}
    where cutoff_kind = 'backtest'
)

select
    ranked.method,
    ranked.customer_id,
    ranked.recommendation_rank,
    ranked.product_id,
    found.product_id is not null as is_found,
    customers.found_products
from ranked
    inner join customers
        on ranked.customer_id = customers.customer_id
    left join found
        on ranked.customer_id = found.customer_id and ranked.product_id = found.product_id
where ranked.recommendation_rank <= 10
