-- Grain: order of a file of the admin's CSV that gave money back. The CSV says only how much in
-- all: first the lines and their tax, then shipping; on the day of cancelling, or of the order.

with

orders as (
    select
        exported.*,
        try_cast(exported.refunded_amount as decimal(18, 4)) as refunded,
        coalesce(try_cast(exported.shipping as decimal(18, 4)), 0) as shipping_charged,
        try_cast(exported.total as decimal(18, 4))
        - coalesce(try_cast(exported.shipping as decimal(18, 4)), 0) as charged
    from {{ ref('stg_shopify__exported_rows') }} as exported
        inner join {{ ref('stg_shopify__order_versions') }} as versions
            on
                exported.order_id = versions.order_id
                and versions._source_table = 'shopify.orders_export'
                and exported._source_file = versions._source_file
                and exported._source_row = versions._source_row
    where coalesce(try_cast(exported.refunded_amount as decimal(18, 4)) <> 0, false)
),

split as (
    select
        *,
        least(refunded, charged) as refunded_lines,
        cast(
            coalesce(
                {{ as_decimal('least(refunded, charged) * tax_total / nullif(charged, 0)') }}, 0
            ) as decimal(18, 2)
        ) as refunded_tax
    from orders
)

select
    concat(order_id, '-refunded') as refund_line_id,
    concat(order_id, '-refunded') as refund_id,
    order_id,
    cast(null as {{ dbt.type_string() }}) as order_line_id,
    coalesce(nullif(cancelled_at, ''), ordered_at) as refunded_at,
    cast(null as {{ dbt.type_string() }}) as quantity,
    cast(refunded_lines - refunded_tax as {{ dbt.type_string() }}) as amount,
    cast(refunded_tax as {{ dbt.type_string() }}) as tax,
    cast(refunded - refunded_lines as {{ dbt.type_string() }}) as shipping,
    cast(null as {{ dbt.type_string() }}) as reason,
    cast(null as {{ dbt.type_string() }}) as is_restocked,
    'shopify.orders_export' as _source_table,
    {{ columns_as_json(['id', 'name', 'ordered_at', 'cancelled_at', 'total', 'refunded_amount']) }}
        as raw_row,
    _loaded_at,
    _source_file,
    _source_row
from split
