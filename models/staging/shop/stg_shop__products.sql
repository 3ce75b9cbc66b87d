with

raw as (
    select * from {{ landed('shop', 'products') }}
),

-- Column by column: files may have more, and adapters have exactly these.
landed as (
    select
        variant_id,
        product_id,
        sku,
        title,
        brand,
        category,
        created_at,
        unit_cost,
        lead_time_days,
        lead_time_sd_days,
        supplier,
        'shop.products' as _source_table,
        {{ row_as_json('raw') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from raw
    {{- adapted('products') }}
),

typed as (
    select
        nullif(variant_id, '') as variant_id,
        nullif(product_id, '') as product_id,
        nullif(sku, '') as sku,
        nullif(title, '') as title,
        nullif(brand, '') as brand,
        nullif(category, '') as category,
        {{ to_utc('created_at') }} as created_at,
        try_cast(unit_cost as decimal(18, 4)) as unit_cost,
        try_cast(lead_time_days as decimal(18, 4)) as lead_time_days,
        try_cast(lead_time_sd_days as decimal(18, 4)) as lead_time_sd_days,
        nullif(supplier, '') as supplier,
        {{ rejection_reason(['shop', 'products']) }} as rejection_reason,
        raw_row,
        _source_table,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
