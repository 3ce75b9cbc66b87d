-- Grain: line of a version of an order. order_row is the row of the version.

with

resources as (
    select
        id as order_id,
        line_items,
        _loaded_at,
        _source_file,
        _source_row
    from {{ landed('shopify', 'orders') }}
),

lines as (
    {{ exploded_json(
        'resources', ['order_id', '_loaded_at', '_source_file', '_source_row'], 'line_items',
        [
            'id', 'product_id', 'variant_id', 'sku', 'name', 'title', 'quantity', 'price',
            'total_discount', 'gift_card', 'discount_allocations', 'tax_lines',
        ]
    ) }}
),

edited as (
    select
        lines.*,
        coalesce(edits.quantity, 0) as edited_quantity,
        coalesce(edits.tax, 0) as edited_tax,
        coalesce(edits.discount, 0) as edited_discount,
        coalesce(
            {{ json_sum('lines.discount_allocations', 'amount') }},
            {{ json_sum('lines.discount_allocations', 'amount_set.shop_money.amount') }},
            try_cast(lines.total_discount as decimal(18, 4))
        ) as discount,
        coalesce(
            {{ json_sum('lines.tax_lines', 'price') }},
            {{ json_sum('lines.tax_lines', 'price_set.shop_money.amount') }}
        ) as tax
    from lines
        left join {{ ref('stg_shopify__api_edits') }} as edits
            on
                lines._source_file = edits._source_file
                and lines._source_row = edits._source_row
                and lines.id = edits.line_item_id
)

select
    id as order_line_id,
    order_id,
    {{ shopify_product_id('name') }} as product_id,
    variant_id,
    sku,
    coalesce(name, title) as title,
    {{ amount_less('quantity', 'edited_quantity', 'bigint') }} as quantity,
    price as unit_price,
    cast(greatest(discount - edited_discount, 0) as {{ dbt.type_string() }})
        as discount_allocated,
    cast(greatest(tax - edited_tax, 0) as {{ dbt.type_string() }}) as tax,
    gift_card as is_gift_card,
    cast(null as {{ dbt.type_string() }}) as unit_cost,
    'shopify.orders' as _source_table,
    {{ row_as_json('edited') }} as raw_row,
    _loaded_at,
    _source_file,
    _source_row,
    _source_row as order_row
from edited
-- A line that an edit took away whole was not sold.
where edited_quantity = 0 or coalesce({{ whole_number('quantity') }} <> edited_quantity, true)
