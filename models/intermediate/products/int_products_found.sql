-- One row per customer and product that it first bought after the backtest's cutoff: what the
-- backtest's recommendations should have named. Only customers and products known by then.

with

known_customers as (
    select distinct customer_id from {{ ref('int_customer_products') }}
    where cutoff_kind = 'backtest'
),

known_products as (
    select product_id from {{ ref('int_products_recommendable') }}
    where cutoff_kind = 'backtest' and order_count > 0
)

select
    ordered.customer_id,
    ordered.product_id,
    min(ordered.ordered_at) as first_ordered_at
from {{ ref('int_products_ordered') }} as ordered
    inner join {{ ref('int_recommendation_cutoffs') }} as cutoffs
        on cutoffs.cutoff_kind = 'backtest'
    inner join known_customers
        on ordered.customer_id = known_customers.customer_id
    inner join known_products
        on ordered.product_id = known_products.product_id
group by ordered.customer_id, ordered.product_id
having min(ordered.ordered_at) > max(cutoffs.cutoff_at)
