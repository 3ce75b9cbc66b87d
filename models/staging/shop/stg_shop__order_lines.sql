with

landed as (
    select * from {{ landed('shop', 'order_lines') }}
),

typed as (
    select
        nullif(order_line_id, '') as order_line_id,
        nullif(order_id, '') as order_id,
        nullif(product_id, '') as product_id,
        nullif(variant_id, '') as variant_id,
        nullif(sku, '') as sku,
        nullif(title, '') as title,
        try_cast(quantity as bigint) as quantity,
        try_cast(unit_price as decimal(18, 4)) as unit_price,
        try_cast(discount_allocated as decimal(18, 4)) as discount_allocated,
        try_cast(tax as decimal(18, 4)) as tax,
        try_cast(is_gift_card as boolean) as is_gift_card,
        try_cast(unit_cost as decimal(18, 4)) as unit_cost,
        {{ rejection_reason(['shop', 'order_lines'], rules=[
            ("try_cast(quantity as bigint) <= 0", 'quantity is not above 0'),
            ("try_cast(unit_price as decimal(18, 4)) < 0", 'unit_price is negative'),
        ]) }} as rejection_reason,
        {{ row_as_json('landed') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
