-- One row per pair of products that were ordered together, the smaller id first; a product with
-- itself counts its orders. An order of n products makes n² / 2 pairs: the largest orders, a
-- reseller's stock that says little of what goes together, are left out.

with

baskets as (
    select
        order_id,
        product_id
    from {{ ref('int_products_ordered') }}
    where basket_size <= {{ var('largest_basket') }}
)

select
    baskets.product_id,
    others.product_id as other_product_id,
    count(*) as orders_together
from baskets
    inner join baskets as others
        on
            baskets.order_id = others.order_id
            and baskets.product_id <= others.product_id
group by baskets.product_id, others.product_id
