with

raw as (
    select * from {{ landed('shop', 'product_prices') }}
),

-- Column by column: files may have more, and adapters have exactly these.
landed as (
    select
        variant_id,
        valid_from,
        price,
        compare_at_price,
        currency,
        competitor_price,
        'shop.product_prices' as _source_table,
        {{ row_as_json('raw') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from raw
    {{- adapted('product_prices') }}
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
        raw_row,
        _source_table,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
