with names as (
    select
        product_id,
        min(title) as title
    from dim_products
    group by product_id
)

select
    coalesce(bought.title, pairs.product_id) as product,
    coalesce(together.title, pairs.bought_with_product_id) as bought_with,
    pairs.orders_together,
    pairs.support,
    pairs.confidence,
    pairs.lift,
    pairs.leverage
from rpt_product_affinity as pairs
    left join names as bought on pairs.product_id = bought.product_id
    left join names as together on pairs.bought_with_product_id = together.product_id
order by pairs.leverage desc, pairs.confidence desc, product asc, bought_with asc
limit 200
