-- Grain: refund of a version of an order, or refund that was exported on its own. What an edit
-- wrote is no refund: see stg_shopify__api_edits.

with

orders as (
    select
        id as order_id,
        refunds,
        nullif(trim(cancelled_at), '') is not null as is_cancelled,
        _loaded_at,
        _source_file,
        _source_row
    from {{ landed('shopify', 'orders') }}
    where refunds like '%"id"%'
),

within_orders as (
    {{ exploded_json(
        'orders',
        ['order_id', 'is_cancelled', '_loaded_at', '_source_file', '_source_row'], 'refunds',
        [
            'id', 'created_at', 'processed_at', 'note', 'refund_line_items', 'order_adjustments',
            'refund_shipping_lines', 'transactions',
        ]
    ) }}
),

alone as (
    select * from {{ landed('shopify', 'refunds') }}
),

refunds as (
    select
        id,
        order_id,
        coalesce(nullif(processed_at, ''), created_at) as refunded_at,
        note,
        refund_line_items,
        order_adjustments,
        refund_shipping_lines,
        transactions,
        is_cancelled,
        'shopify.orders' as _source_table,
        position as refund_position,
        _loaded_at,
        _source_file,
        _source_row
    from within_orders
    union all
    select
        alone.id,
        alone.order_id,
        coalesce(nullif(alone.processed_at, ''), alone.created_at) as refunded_at,
        alone.note,
        alone.refund_line_items,
        alone.order_adjustments,
        alone.refund_shipping_lines,
        alone.transactions,
        coalesce(versions.is_cancelled, true) as is_cancelled,
        'shopify.refunds' as _source_table,
        0 as refund_position,
        alone._loaded_at,
        alone._source_file,
        alone._source_row
    from alone
        left join {{ ref('stg_shopify__order_versions') }} as versions
            on alone.order_id = versions.order_id
)

select
    *,
    concat_ws('|', _source_table, _source_file, _source_row, refund_position) as refund_key
from refunds
where
    is_cancelled
    or coalesce(replace(transactions, ' ', ''), '') <> '[]'
    or coalesce(replace(order_adjustments, ' ', ''), '[]') <> '[]'
