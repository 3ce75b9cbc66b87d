-- Grain: refunded line, or amount of a refund that no line has, of each export of a refund. Amounts
-- are Shopify's: shipping that was given back is below zero, what was held back is above it.
-- A table: it is read six times, and each reading parses all refunds.
{%- set refund = ['refund_key', 'id as refund_id', 'order_id', 'refunded_at', 'note',
    '_source_table', '_loaded_at', '_source_file', '_source_row'] %}
{%- set columns = ['refund_key', 'refund_id', 'order_id', 'refunded_at', 'note',
    '_source_table', '_loaded_at', '_source_file', '_source_row'] %}

with

refunds as (
    select
        {{ refund | join(', ') }},
        refund_line_items,
        order_adjustments,
        case
            when coalesce(order_adjustments, '') not like '%shipping_refund%'
                then refund_shipping_lines
        end as refund_shipping_lines
    from {{ ref('stg_shopify__api_refunds') }}
),

lines as (
    {{ exploded_json(
        'refunds', columns, 'refund_line_items',
        ['id', 'line_item_id', 'quantity', 'restock_type', 'subtotal', 'total_tax']
    ) }}
),

adjustments as (
    {{ exploded_json(
        'refunds', columns, 'order_adjustments', ['id', 'kind', 'amount', 'tax_amount']
    ) }}
),

shipping as (
    {{ exploded_json(
        'refunds', columns, 'refund_shipping_lines',
        ['id', 'subtotal_amount_set', 'tax_amount_set']
    ) }}
),

amounts as (
    select
        {{ columns | join(', ') }},
        'line' as kind,
        id,
        line_item_id as order_line_id,
        quantity,
        restock_type,
        subtotal as amount,
        total_tax as tax,
        position
    from lines
    union all
    select
        {{ columns | join(', ') }},
        kind,
        id,
        null as order_line_id,
        null as quantity,
        null as restock_type,
        amount,
        tax_amount as tax,
        position
    from adjustments
    union all
    select
        {{ columns | join(', ') }},
        'refund_shipping_line' as kind,
        id,
        null as order_line_id,
        null as quantity,
        null as restock_type,
        {{ json_text('subtotal_amount_set', 'shop_money.amount') }} as amount,
        {{ json_text('tax_amount_set', 'shop_money.amount') }} as tax,
        position
    from shipping
)

select
    {{ columns | join(',\n    ') }},
    kind,
    id,
    order_line_id,
    quantity,
    restock_type,
    amount,
    tax,
    position
from amounts
union all
select
    {{ columns | join(',\n    ') }},
    kind,
    id,
    order_line_id,
    quantity,
    restock_type,
    amount,
    tax,
    position
from {{ ref('stg_shopify__loaded_refund_amounts') }}
