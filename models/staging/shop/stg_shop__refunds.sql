with

raw as (
    select * from {{ landed('shop', 'refunds') }}
),

-- Column by column: files may have more, and adapters have exactly these.
landed as (
    select
        refund_line_id,
        refund_id,
        order_id,
        order_line_id,
        refunded_at,
        quantity,
        amount,
        tax,
        shipping,
        reason,
        is_restocked,
        'shop.refunds' as _source_table,
        {{ row_as_json('raw') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from raw
    {{- adapted('refunds') }}
),

typed as (
    select
        nullif(refund_line_id, '') as refund_line_id,
        nullif(refund_id, '') as refund_id,
        nullif(order_id, '') as order_id,
        nullif(order_line_id, '') as order_line_id,
        {{ to_utc('refunded_at') }} as refunded_at,
        {{ whole_number('quantity') }} as quantity,
        try_cast(amount as decimal(18, 4)) as amount,
        try_cast(tax as decimal(18, 4)) as tax,
        try_cast(shipping as decimal(18, 4)) as shipping,
        nullif(reason, '') as reason,
        {{ true_or_false('is_restocked') }} as is_restocked,
        {{ rejection_reason(['shop', 'refunds'], rules=[
            (to_utc('refunded_at') ~ " > _loaded_at + interval '1' day", 'refunded_at lies after its load'),
            ("try_cast(amount as decimal(18, 4)) < 0", 'amount is negative'),
            (whole_number('quantity') ~ ' < 0', 'quantity is negative'),
        ]) }} as rejection_reason,
        raw_row,
        _source_table,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
