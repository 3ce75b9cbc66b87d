with

landed as (
    select * from {{ landed('shop', 'refunds') }}
),

typed as (
    select
        nullif(refund_line_id, '') as refund_line_id,
        nullif(refund_id, '') as refund_id,
        nullif(order_id, '') as order_id,
        nullif(order_line_id, '') as order_line_id,
        {{ to_utc('refunded_at') }} as refunded_at,
        try_cast(quantity as bigint) as quantity,
        try_cast(amount as decimal(18, 4)) as amount,
        try_cast(tax as decimal(18, 4)) as tax,
        try_cast(shipping as decimal(18, 4)) as shipping,
        nullif(reason, '') as reason,
        try_cast(is_restocked as boolean) as is_restocked,
        {{ rejection_reason(['shop', 'refunds'], rules=[
            (to_utc('refunded_at') ~ " > _loaded_at + interval '1' day", 'refunded_at lies after its load'),
            ("try_cast(amount as decimal(18, 4)) < 0", 'amount is negative'),
            ("try_cast(quantity as bigint) < 0", 'quantity is negative'),
        ]) }} as rejection_reason,
        {{ row_as_json('landed') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
