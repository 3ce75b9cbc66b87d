with

landed as (
    select * from {{ landed('shop', 'product_prices') }}
),

typed as (
    select
        nullif(variant_id, '') as variant_id,
        {{ to_utc('valid_from') }} as valid_from,
        try_cast(price as decimal(18, 4)) as price,
        try_cast(compare_at_price as decimal(18, 4)) as compare_at_price,
        nullif(currency, '') as currency,
        try_cast(competitor_price as decimal(18, 4)) as competitor_price,
        {{ rejection_reason(['shop', 'product_prices'], rules=[
            ("try_cast(price as decimal(18, 4)) < 0", 'price is negative'),
        ]) }} as rejection_reason,
        {{ row_as_json('landed') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
