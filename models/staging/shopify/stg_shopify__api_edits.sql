-- Grain: version of an order and line that an edit took units from. An edit writes a refund of its
-- lines without a payment; that of a cancelled order is a return. A refund whose money was held
-- back has an adjustment.

with

resources as (
    select * from {{ landed('shopify', 'orders') }}
    where coalesce(trim(cancelled_at), '') = '' and refunds like '%refund_line_items%'
),

refunds as (
    {{ exploded_json(
        'resources', ['_source_file', '_source_row'], 'refunds',
        ['refund_line_items', 'order_adjustments', 'transactions']
    ) }}
),

edits as (
    select * from refunds
    where
        replace(transactions, ' ', '') = '[]'
        and coalesce(replace(order_adjustments, ' ', ''), '[]') = '[]'
),

lines as (
    {{ exploded_json(
        'edits', ['_source_file', '_source_row'], 'refund_line_items',
        ['line_item_id', 'quantity', 'subtotal', 'total_tax']
    ) }}
),

sold as (
    {{ exploded_json(
        'resources', ['_source_file', '_source_row'], 'line_items', ['id', 'price']
    ) }}
),

summed as (
    select
        _source_file,
        _source_row,
        line_item_id,
        sum({{ whole_number('quantity') }}) as quantity,
        sum(try_cast(subtotal as decimal(18, 4))) as subtotal,
        sum(coalesce(try_cast(total_tax as decimal(18, 4)), 0)) as tax
    from lines
    group by _source_file, _source_row, line_item_id
)

select
    summed._source_file,
    summed._source_row,
    summed.line_item_id,
    summed.quantity,
    summed.subtotal,
    summed.tax,
    coalesce(summed.quantity * try_cast(sold.price as decimal(18, 4)) - summed.subtotal, 0)
        as discount
from summed
    inner join sold
        on
            summed._source_file = sold._source_file
            and summed._source_row = sold._source_row
            and summed.line_item_id = sold.id
