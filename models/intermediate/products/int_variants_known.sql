-- One row per variant that the catalogue, an order line or an event names; goods only.

with

catalogue as (
    {{ latest_rows('stg_shop__products', ['variant_id']) }}
),

sold as (
    select
        lines.variant_id,
        max(lines.product_id) as product_id,
        max_by(lines.sku, lines.order_line_id) filter (where lines.sku is not null) as sku,
        max_by(lines.title, lines.order_line_id) filter (where lines.title is not null) as title
    from {{ ref('int_order_lines_priced') }} as lines
    where lines.is_product
    group by lines.variant_id
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
)

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
where named.variant_id not in (
    select non_products.product_id from {{ ref('non_product_ids') }} as non_products
)
