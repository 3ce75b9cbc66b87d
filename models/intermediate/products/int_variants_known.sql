-- One row per variant that the catalogue, an order line, an event or a stock snapshot names; goods
-- only. What was only ever sold as a gift card, postage or a fee is none, wherever it is listed.

with

catalogue as (
    {{ latest_rows('stg_shop__products', ['variant_id']) }}
),

lines as (
    select
        lines.variant_id,
        lines.product_id,
        lines.sku,
        lines.title,
        lines.is_product,
        concat(orders.ordered_at, ' ', lines.order_line_id) as line_order
    from {{ ref('int_order_lines_priced') }} as lines
        inner join {{ ref('int_orders_latest') }} as orders
            on lines.order_id = orders.order_id
),

sold as (
    select
        variant_id,
        max(product_id) as product_id,
        max_by(sku, line_order) filter (where sku is not null) as sku,
        max_by(title, line_order) filter (where title is not null) as title,
        max(case when is_product then 1 else 0 end) = 1 as is_goods
    from lines
    group by variant_id
),

seen as (
    select
        item_id as variant_id,
        max(item_name) as title,
        max(item_category) as category
    from {{ ref('int_product_events_counted') }}
    group by item_id
),

named as (
    select variant_id from catalogue
    union
    select variant_id from sold
    union
    select variant_id from seen
    union
    select variant_id from {{ ref('int_stock_days_opened') }}
),

variants as (
    select
        named.variant_id,
        coalesce(catalogue.product_id, sold.product_id, named.variant_id) as product_id,
        coalesce(catalogue.sku, sold.sku) as sku,
        coalesce(catalogue.title, sold.title, seen.title) as title,
        catalogue.brand,
        coalesce(catalogue.category, seen.category) as category,
        catalogue.supplier,
        catalogue.created_at,
        catalogue.unit_cost,
        catalogue.lead_time_days,
        catalogue.lead_time_sd_days,
        catalogue.variant_id is not null as is_in_catalogue
    from named
        left join catalogue
            on named.variant_id = catalogue.variant_id
        left join sold
            on named.variant_id = sold.variant_id
        left join seen
            on named.variant_id = seen.variant_id
    where coalesce(sold.is_goods, true)
)

select * from variants
where product_id not in (
    select non_products.product_id from {{ ref('non_product_ids') }} as non_products
)
