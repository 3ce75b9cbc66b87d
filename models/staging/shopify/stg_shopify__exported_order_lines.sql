-- Grain: row of the admin's CSV. A line has no id there: it is its order and its place in it.

with

rows_read as (
    select
        *,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as {{ dbt.type_string() }}) as variant_id,
        "lineitem sku" as sku,
        "lineitem name" as title
    from {{ ref('stg_shopify__exported_rows') }}
)

select
    concat(coalesce(order_id, ''), '-', position) as order_line_id,
    order_id,
    {{ shopify_product_id('title') }} as product_id,
    variant_id,
    sku,
    title,
    quantity,
    unit_price,
    line_discount as discount_allocated,
    cast(line_tax as {{ dbt.type_string() }}) as tax,
    cast(null as {{ dbt.type_string() }}) as is_gift_card,
    cast(null as {{ dbt.type_string() }}) as unit_cost,
    'shopify.orders_export' as _source_table,
    {{ columns_as_json([
        'id', 'name', 'quantity', 'title', 'sku', 'unit_price', 'line_discount',
    ]) }} as raw_row,
    _loaded_at,
    _source_file,
    _source_row,
    order_row
from rows_read
