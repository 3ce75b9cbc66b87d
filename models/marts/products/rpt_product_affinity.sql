-- Both directions of a pair, because confidence has one: P(bought_with | product).

with

pairs as (
    select * from {{ ref('int_product_pairs_counted') }}
),

totals as (
    select count(distinct order_id) as all_orders
    from {{ ref('int_products_ordered') }}
    where basket_size <= {{ var('largest_basket') }}
),

directed as (
    select
        product_id,
        other_product_id as bought_with_product_id,
        orders_together
    from pairs
    where product_id < other_product_id
    union all
    select
        other_product_id as product_id,
        product_id as bought_with_product_id,
        orders_together
    from pairs
    where product_id < other_product_id
),

counted as (
    select
        directed.product_id,
        directed.bought_with_product_id,
        directed.orders_together,
        own.orders_together as product_orders,
        others.orders_together as bought_with_orders,
        totals.all_orders,
        cast(directed.orders_together as double) / nullif(totals.all_orders, 0) as support
    from directed
        inner join pairs as own
            on directed.product_id = own.product_id and directed.product_id = own.other_product_id
        inner join pairs as others
            on
                directed.bought_with_product_id = others.product_id
                and directed.bought_with_product_id = others.other_product_id
        cross join totals
    where directed.orders_together >= {{ var('minimum_orders_together') }}
)

select
    product_id,
    bought_with_product_id,
    orders_together,
    product_orders,
    bought_with_orders,
    all_orders,
    support,
    cast(orders_together as double) / nullif(product_orders, 0) as confidence,
    cast(orders_together as double) * all_orders
    / nullif(cast(product_orders as double) * bought_with_orders, 0) as lift,
    support
    - cast(product_orders as double) * bought_with_orders
    / nullif(cast(all_orders as double) * all_orders, 0) as leverage
from counted
