-- Money is that of the shop (shop_money), in which Shopify's own reports are. What an edit took
-- away was not sold: it is in no amount.

with

resources as (
    select * from {{ landed('shopify', 'orders') }}
),

edits as (
    select
        _source_file,
        _source_row,
        sum(subtotal) as subtotal,
        sum(tax) as tax,
        sum(discount) as discount
    from {{ ref('stg_shopify__api_edits') }}
    group by _source_file, _source_row
),

read as (
    select
        resources.*,
        coalesce(edits.subtotal, 0) as edited_subtotal,
        coalesce(edits.tax, 0) as edited_tax,
        coalesce(edits.discount, 0) as edited_discount,
        coalesce({{ true_or_false('resources.taxes_included') }}, false) as has_tax_in_prices,
        coalesce(try_cast({{ json_text(
            'resources.original_total_duties_set', 'shop_money.amount'
        ) }} as decimal(18, 4)), 0) as duties,
        coalesce(
            {{ json_sum('resources.shipping_lines', 'discounted_price') }},
            {{ json_sum('resources.shipping_lines', 'price') }}
        ) as shipping_price,
        coalesce({{ json_sum('resources.shipping_lines', 'tax_lines[*].price') }}, 0)
            as shipping_tax
    from resources
        left join edits
            on
                resources._source_file = edits._source_file
                and resources._source_row = edits._source_row
)

select
    id as order_id,
    coalesce(nullif(processed_at, ''), created_at) as ordered_at,
    {{ json_text('customer', 'id') }} as customer_id,
    coalesce(nullif(email, ''), contact_email) as email,
    updated_at,
    cancelled_at,
    financial_status,
    currency,
    cast(null as {{ dbt.type_string() }}) as fx_rate,
    {{ amount_less('subtotal_price', 'edited_subtotal') }} as subtotal,
    {{ shopify_discount('total_line_items_price', 'edited_discount') }} as discount_total,
    {{ amount_less('total_tax', 'edited_tax - duties') }} as tax_total,
    cast(
        shipping_price - case when has_tax_in_prices then shipping_tax else 0 end
        as {{ dbt.type_string() }}
    ) as shipping_total,
    {{ amount_less(
        'total_price',
        'edited_subtotal + case when has_tax_in_prices then 0 else edited_tax end'
    ) }} as total,
    taxes_included,
    test as is_test,
    {{ json_text('discount_codes', '[0].code') }} as coupon,
    cart_token as cart_id,
    {{ json_attribute('note_attributes', 'visitor_id') }} as visitor_id,
    coalesce(
        {{ json_text('shipping_address', 'country_code') }},
        {{ json_text('billing_address', 'country_code') }}
    ) as country,
    'shopify.orders' as _source_table,
    {{ columns_as_json([
        'id', 'created_at', 'processed_at', 'updated_at', 'cancelled_at', 'financial_status',
        'currency', 'subtotal_price', 'total_line_items_price', 'total_discounts', 'total_tax',
        'total_price', 'taxes_included', 'test', 'line_items',
    ]) }} as raw_row,
    _loaded_at,
    _source_file,
    _source_row
from read
