-- Grain: line, its newest row. order_row is null: the line is of whatever version its order has.

with

lines as (
    {{ newest_history('shopify', 'order_line', 'id', '_fivetran_synced') }}
    union all
    select
        landed_lines.*,
        1 as version_rank
    from {{ landed('shopify', 'order_line') }} as landed_lines
    where coalesce(trim(landed_lines.id), '') = ''
),

discounts as (
    select
        order_line_id,
        sum(try_cast(amount as decimal(18, 4))) as amount
    from ({{ newest_history(
        'shopify', 'discount_allocation', "concat(order_line_id, '|', coalesce(index, ''))",
        '_fivetran_synced'
    ) }}) as newest_allocations
    group by order_line_id
),

taxes as (
    select
        order_line_id,
        sum(try_cast(price as decimal(18, 4))) as amount
    from ({{ newest_history(
        'shopify', 'tax_line', "concat(order_line_id, '|', coalesce(index, ''))",
        '_fivetran_synced'
    ) }}) as newest_taxes
    group by order_line_id
)

select
    lines.id as order_line_id,
    lines.order_id,
    {{ shopify_product_id('name') }} as product_id,
    lines.variant_id,
    lines.sku,
    coalesce(nullif(lines.name, ''), lines.title) as title,
    lines.quantity,
    lines.price as unit_price,
    coalesce(cast(discounts.amount as {{ dbt.type_string() }}), lines.total_discount)
        as discount_allocated,
    cast(taxes.amount as {{ dbt.type_string() }}) as tax,
    lines.gift_card as is_gift_card,
    cast(null as {{ dbt.type_string() }}) as unit_cost,
    'shopify.order_line' as _source_table,
    {{ row_as_json('lines') }} as raw_row,
    lines._loaded_at,
    lines._source_file,
    lines._source_row,
    cast(null as bigint) as order_row
from lines
    left join discounts
        on lines.id = discounts.order_line_id
    left join taxes
        on lines.id = taxes.order_line_id
