-- One row per cutoff and product, with all that decides whether and how high it is recommended.
-- momentum: the share of its orders that are of the last four weeks, drawn towards little where
-- orders are few: what is in season now comes before what was.
{%- set recent_days = 28 %}
{%- set repeat_share = 0.3 %}
{%- set fewest_buyers = 10 %}

with

products as (
    select
        product_id,
        max(category) as category
    from {{ ref('int_variants_known') }}
    group by product_id
),

orders as (
    select
        cutoffs.cutoff_kind,
        ordered.product_id,
        count(*) as order_count,
        sum(ordered.gross_sales) as gross_sales,
        sum(ordered.units) as units,
        count(case
            when
                ordered.ordered_at > {{ dbt.dateadd('day', -recent_days, 'cutoffs.cutoff_at') }}
                then 1
        end) as recent_orders,
        count(case
            when
                ordered.ordered_at > {{ dbt.dateadd('day', -2 * recent_days, 'cutoffs.cutoff_at') }}
                and ordered.ordered_at
                <= {{ dbt.dateadd('day', -recent_days, 'cutoffs.cutoff_at') }}
                then 1
        end) as previous_orders
    from {{ ref('int_products_ordered') }} as ordered
        inner join {{ ref('int_recommendation_cutoffs') }} as cutoffs
            on ordered.ordered_at <= cutoffs.cutoff_at
    group by cutoffs.cutoff_kind, ordered.product_id
),

buyers as (
    select
        cutoff_kind,
        product_id,
        count(*) as buyers,
        count(case when order_count > 1 then 1 end) as repeat_buyers
    from {{ ref('int_customer_products') }}
    group by cutoff_kind, product_id
)

select
    cutoffs.cutoff_kind,
    products.product_id,
    products.category,
    coalesce(orders.order_count, 0) as order_count,
    coalesce(orders.recent_orders, 0) as recent_orders,
    coalesce(orders.previous_orders, 0) as previous_orders,
    cast(orders.gross_sales as double) / nullif(orders.units, 0) as mean_price,
    cast(coalesce(orders.recent_orders, 0) + 1 as double)
    / (coalesce(orders.order_count, 0) + 10) as momentum,
    coalesce(
        buyers.buyers >= {{ fewest_buyers }}
        and buyers.repeat_buyers >= {{ repeat_share }} * buyers.buyers,
        false
    ) as is_bought_repeatedly,
    coalesce(stock.available > 0, true) as is_in_stock
from products
    cross join {{ ref('int_recommendation_cutoffs') }} as cutoffs
    left join orders
        on
            cutoffs.cutoff_kind = orders.cutoff_kind
            and products.product_id = orders.product_id
    left join buyers
        on
            cutoffs.cutoff_kind = buyers.cutoff_kind
            and products.product_id = buyers.product_id
    left join {{ ref('int_product_stock_latest') }} as stock
        on
            cutoffs.cutoff_kind = stock.cutoff_kind
            and products.product_id = stock.product_id
