with

raw as (
    select * from {{ landed('shop', 'order_lines') }}
),

-- Column by column: files may have more, and adapters have exactly these.
landed as (
    select
        order_line_id,
        order_id,
        product_id,
        variant_id,
        sku,
        title,
        quantity,
        unit_price,
        discount_allocated,
        tax,
        is_gift_card,
        unit_cost,
        'shop.order_lines' as _source_table,
        {{ row_as_json('raw') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from raw
    {{- adapted('order_lines') }}
),

typed as (
    select
        nullif(order_line_id, '') as order_line_id,
        nullif(order_id, '') as order_id,
        nullif(product_id, '') as product_id,
        nullif(variant_id, '') as variant_id,
        nullif(sku, '') as sku,
        nullif(title, '') as title,
        {{ whole_number('quantity') }} as quantity,
        try_cast(unit_price as decimal(18, 4)) as unit_price,
        try_cast(discount_allocated as decimal(18, 4)) as discount_allocated,
        try_cast(tax as decimal(18, 4)) as tax,
        {{ true_or_false('is_gift_card') }} as is_gift_card,
        try_cast(unit_cost as decimal(18, 4)) as unit_cost,
        {{ order_line_rejection_reason() }} as rejection_reason,
        raw_row,
        _source_table,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
