-- Grain: variant of a version of its product, as it was landed.

with

resources as (
    select
        id as product_id,
        title as product_title,
        vendor,
        product_type,
        created_at as product_created_at,
        updated_at as product_updated_at,
        variants,
        _loaded_at,
        _source_file,
        _source_row
    from {{ landed('shopify', 'products') }}
),

variants as (
    {{ exploded_json(
        'resources',
        [
            'product_id', 'product_title', 'vendor', 'product_type', 'product_created_at',
            'product_updated_at', '_loaded_at', '_source_file', '_source_row',
        ],
        'variants',
        [
            'id', 'inventory_item_id', 'sku', 'title', 'price', 'compare_at_price', 'created_at',
            'updated_at',
        ]
    ) }}
),

loaded_products as (
    {{ newest_history('shopify', 'product', 'id', '_fivetran_synced') }}
),

loaded as (
    select * from {{ landed('shopify', 'product_variant') }}
)

select
    id as variant_id,
    product_id,
    inventory_item_id,
    sku,
    product_title,
    title as variant_title,
    vendor as brand,
    product_type as category,
    price,
    compare_at_price,
    coalesce(nullif(created_at, ''), product_created_at) as created_at,
    coalesce(nullif(updated_at, ''), product_updated_at) as changed_at,
    coalesce(nullif(product_updated_at, ''), updated_at) as updated_at,
    'shopify.products' as _source_table,
    {{ row_as_json('variants') }} as raw_row,
    _loaded_at,
    _source_file,
    _source_row
from variants
union all
select
    loaded.id as variant_id,
    loaded.product_id,
    loaded.inventory_item_id,
    loaded.sku,
    loaded_products.title as product_title,
    loaded.title as variant_title,
    loaded_products.vendor as brand,
    loaded_products.product_type as category,
    loaded.price,
    loaded.compare_at_price,
    loaded.created_at,
    loaded.updated_at as changed_at,
    loaded.updated_at,
    'shopify.product_variant' as _source_table,
    {{ row_as_json('loaded') }} as raw_row,
    loaded._loaded_at,
    loaded._source_file,
    loaded._source_row
from loaded
    left join loaded_products
        on loaded.product_id = loaded_products.id
