-- A customer's hits / new products are summed as decimals, so that the sum does not depend on the
-- order of rows.

with

tested as (
    select * from {{ ref('int_recommendations_tested') }}
),

customers as (
    select
        count(distinct customer_id) as tested_customers,
        count(*) as found_products
    from {{ ref('int_products_found') }}
),

products as (
    select count(*) as recommendable_products
    from {{ ref('int_products_recommendable') }}
    where cutoff_kind = 'backtest' and is_in_stock and order_count > 0
),

depths as (
    select 1 as k
    union all
    select 5 as k
    union all
    select 10 as k
),

counted as (
    select
        tested.method,
        depths.k,
        count(case when tested.is_found then 1 end) as hits,
        count(distinct case when tested.is_found then tested.customer_id end) as hit_customers,
        count(distinct tested.product_id) as recommended_products,
        coalesce(sum(case
            when tested.is_found
                then cast(1 / cast(tested.found_products as double) as decimal(18, 10))
        end), 0) as recall_sum
    from tested
        inner join depths
            on tested.recommendation_rank <= depths.k
    group by tested.method, depths.k
)

select
    counted.method,
    cast(counted.k as bigint) as k,
    cutoffs.cutoff_at,
    cutoffs.as_of_at as tested_until_at,
    customers.tested_customers,
    customers.found_products,
    counted.hits,
    counted.hit_customers,
    counted.recommended_products,
    round(cast(counted.recall_sum as double) / nullif(customers.tested_customers, 0), 8) as recall,
    cast(counted.hit_customers as double) / nullif(customers.tested_customers, 0) as hit_rate,
    cast(counted.recommended_products as double) / nullif(products.recommendable_products, 0)
        as coverage
from counted
    cross join customers
    cross join products
    inner join {{ ref('int_recommendation_cutoffs') }} as cutoffs
        on cutoffs.cutoff_kind = 'backtest'
