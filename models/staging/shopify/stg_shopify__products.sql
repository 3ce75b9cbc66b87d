-- A variant is called by its product and itself, but where it is the only one or says so already.

with

items as (
    {{ newest_history('shopify', 'inventory_items', 'id', 'updated_at') }}
),

loaded_items as (
    {{ newest_history('shopify', 'inventory_item', 'id', '_fivetran_synced') }}
)

select
    variants.variant_id,
    variants.product_id,
    variants.sku,
    case
        when coalesce(trim(variants.variant_title), '') in ('', 'Default Title')
            then variants.product_title
        when
            variants.product_title is null
            or left(variants.variant_title, length(variants.product_title))
            = variants.product_title
            then variants.variant_title
        else concat(variants.product_title, ' - ', variants.variant_title)
    end as title,
    variants.brand,
    variants.category,
    variants.created_at,
    coalesce(
        nullif(items.cost, ''), nullif(loaded_items.cost, ''), loaded_items.unit_cost_amount
    ) as unit_cost,
    cast(null as {{ dbt.type_string() }}) as lead_time_days,
    cast(null as {{ dbt.type_string() }}) as lead_time_sd_days,
    cast(null as {{ dbt.type_string() }}) as supplier,
    variants._source_table,
    variants.raw_row,
    variants._loaded_at,
    variants._source_file,
    variants._source_row
from {{ ref('stg_shopify__variants_latest') }} as variants
    left join items
        on variants.inventory_item_id = items.id
    left join loaded_items
        on variants.inventory_item_id = loaded_items.id
