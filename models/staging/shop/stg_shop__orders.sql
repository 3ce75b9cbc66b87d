with

landed as (
    select * from {{ landed('shop', 'orders') }}
),

typed as (
    select
        nullif(order_id, '') as order_id,
        {{ to_utc('ordered_at') }} as ordered_at,
        nullif(customer_id, '') as customer_id,
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
        try_cast(taxes_included as boolean) as taxes_included,
        try_cast(is_test as boolean) as is_test,
        nullif(coupon, '') as coupon,
        nullif(cart_id, '') as cart_id,
        nullif(visitor_id, '') as visitor_id,
        nullif(country, '') as country,
        {{ rejection_reason(['shop', 'orders'], rules=[
            (to_utc('ordered_at') ~ " > _loaded_at + interval '1' day", 'ordered_at lies after its load'),
        ]) }} as rejection_reason,
        {{ row_as_json('landed', withheld=['email', 'visitor_id', 'cart_id']) }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
