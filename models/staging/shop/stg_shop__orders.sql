with

raw as (
    select * from {{ landed('shop', 'orders') }}
),

-- Column by column: files may have more, and adapters have exactly these.
landed as (
    select
        order_id,
        ordered_at,
        customer_id,
        email,
        updated_at,
        cancelled_at,
        financial_status,
        currency,
        fx_rate,
        subtotal,
        discount_total,
        tax_total,
        shipping_total,
        total,
        taxes_included,
        is_test,
        coupon,
        cart_id,
        visitor_id,
        country,
        'shop.orders' as _source_table,
        {{ row_as_json('raw', withheld=['email', 'visitor_id', 'cart_id']) }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from raw
    {{- adapted('orders') }}
),

typed as (
    select
        nullif(order_id, '') as order_id,
        {{ to_utc('ordered_at') }} as ordered_at,
        {{ known_customer('customer_id') }} as customer_id,
        {{ email_hash('email') }} as email_hash,
        {{ to_utc('updated_at') }} as updated_at,
        {{ to_utc('cancelled_at') }} as cancelled_at,
        nullif(financial_status, '') as financial_status,
        nullif(currency, '') as currency,
        try_cast(fx_rate as decimal(18, 8)) as fx_rate,
        try_cast(subtotal as decimal(18, 4)) as subtotal,
        try_cast(discount_total as decimal(18, 4)) as discount_total,
        try_cast(tax_total as decimal(18, 4)) as tax_total,
        try_cast(shipping_total as decimal(18, 4)) as shipping_total,
        try_cast(total as decimal(18, 4)) as total,
        {{ true_or_false('taxes_included') }} as taxes_included,
        {{ true_or_false('is_test') }} as is_test,
        nullif(coupon, '') as coupon,
        nullif(cart_id, '') as cart_id,
        nullif(visitor_id, '') as visitor_id,
        nullif(country, '') as country,
        {{ order_rejection_reason() }} as rejection_reason,
        raw_row,
        _source_table,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
