-- Grain: refunded line or adjustment, its newest row, in the columns of
-- stg_shopify__refund_amounts. Those whose refund has not landed wait without a moment.

with

refunds as (
    {{ newest_history('shopify', 'refund', 'id', '_fivetran_synced') }}
),

lines as (
    {{ newest_history('shopify', 'order_line_refund', 'id', '_fivetran_synced') }}
),

adjustments as (
    {{ newest_history('shopify', 'order_adjustment', 'id', '_fivetran_synced') }}
),

amounts as (
    select
        refund_id,
        cast(null as {{ dbt.type_string() }}) as order_id,
        'line' as kind,
        id,
        order_line_id,
        quantity,
        restock_type,
        subtotal as amount,
        total_tax as tax,
        'shopify.order_line_refund' as _source_table,
        _loaded_at,
        _source_file,
        _source_row
    from lines
    union all
    select
        refund_id,
        order_id,
        kind,
        id,
        null as order_line_id,
        null as quantity,
        null as restock_type,
        amount,
        tax_amount as tax,
        'shopify.order_adjustment' as _source_table,
        _loaded_at,
        _source_file,
        _source_row
    from adjustments
)

select
    concat('loaded|', coalesce(amounts.refund_id, '')) as refund_key,
    amounts.refund_id,
    coalesce(refunds.order_id, amounts.order_id) as order_id,
    coalesce(nullif(refunds.processed_at, ''), refunds.created_at) as refunded_at,
    refunds.note,
    amounts._source_table,
    amounts._loaded_at,
    amounts._source_file,
    amounts._source_row,
    amounts.kind,
    amounts.id,
    amounts.order_line_id,
    amounts.quantity,
    amounts.restock_type,
    amounts.amount,
    amounts.tax,
    row_number() over (
        partition by amounts.refund_id, amounts.kind order by length(amounts.id), amounts.id
    ) as position
from amounts
    left join refunds
        on amounts.refund_id = refunds.id
