-- Grain: order of a file of the admin's CSV. It says nothing of updates: an order that came in
-- another shape is taken from there.

with

orders as (
    select
        *,
        subtotal as subtotal_price,
        "discount amount" as total_discounts
    from {{ ref('stg_shopify__exported_rows') }}
    where _source_row = order_row
)

select
    order_id,
    ordered_at,
    cast(null as {{ dbt.type_string() }}) as customer_id,
    email,
    cast(null as {{ dbt.type_string() }}) as updated_at,
    cancelled_at,
    financial_status,
    currency,
    cast(null as {{ dbt.type_string() }}) as fx_rate,
    subtotal,
    {{ shopify_discount('lines_value') }} as discount_total,
    cast(
        tax_total + coalesce(try_cast(duties as decimal(18, 4)), 0) as {{ dbt.type_string() }}
    ) as tax_total,
    shipping as shipping_total,
    total,
    case when has_tax_in_prices then 'true' else 'false' end as taxes_included,
    cast(null as {{ dbt.type_string() }}) as is_test,
    "discount code" as coupon,
    cast(null as {{ dbt.type_string() }}) as cart_id,
    nullif(regexp_extract("note attributes", 'visitor_id: *([^\n\r]+)', 1), '') as visitor_id,
    coalesce(nullif("shipping country", ''), "billing country") as country,
    'shopify.orders_export' as _source_table,
    {{ columns_as_json([
        'id', 'name', 'ordered_at', 'cancelled_at', 'financial_status', 'currency', 'subtotal',
        'shipping', 'taxes', 'total', 'refunded_amount',
    ]) }} as raw_row,
    _loaded_at,
    _source_file,
    _source_row
from orders
