with

landed as (
    select * from {{ landed('shop', 'products') }}
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
        {{ row_as_json('landed') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
