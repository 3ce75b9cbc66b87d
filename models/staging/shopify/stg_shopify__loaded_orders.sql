-- Money is that of the shop. Where no shipping was landed it is what the total has beyond lines and
-- taxes.

with

orders as (
    select * from {{ landed('shopify', 'order') }}
),

shipping_lines as (
    {{ newest_history('shopify', 'order_shipping_line', 'id', '_fivetran_synced') }}
),

shipping_taxes as (
    {{ newest_history(
        'shopify', 'order_shipping_tax_line',
        "concat(order_shipping_line_id, '|', coalesce(index, ''))", '_fivetran_synced'
    ) }}
),

taxes as (
    select
        order_shipping_line_id,
        sum(try_cast(price as decimal(18, 4))) as tax
    from shipping_taxes
    group by order_shipping_line_id
),

shipping as (
    select
        shipping_lines.order_id,
        sum(try_cast(
            coalesce(nullif(shipping_lines.discounted_price, ''), shipping_lines.price)
            as decimal(18, 4)
        )) as price,
        coalesce(sum(taxes.tax), 0) as tax
    from shipping_lines
        left join taxes
            on shipping_lines.id = taxes.order_shipping_line_id
    group by shipping_lines.order_id
),

codes as (
    select
        order_id,
        min_by(code, {{ whole_number('index') }}) as coupon
    from ({{ newest_history(
        'shopify', 'order_discount_code', "concat(order_id, '|', coalesce(index, ''))",
        '_fivetran_synced'
    ) }}) as newest_codes
    where code is not null
    group by order_id
),

visitors as (
    {{ newest_history(
        'shopify', 'order_note_attribute', "case when name = 'visitor_id' then order_id end",
        '_fivetran_synced'
    ) }}
),

read as (
    select
        orders.*,
        codes.coupon,
        replace(visitors.value, '"', '') as visitor_id,
        coalesce({{ true_or_false('orders.taxes_included') }}, false) as has_tax_in_prices,
        shipping.price as shipping_price,
        shipping.tax as shipping_tax
    from orders
        left join shipping
            on orders.id = shipping.order_id
        left join codes
            on orders.id = codes.order_id
        left join visitors
            on orders.id = visitors.order_id
)

select
    id as order_id,
    coalesce(nullif(processed_at, ''), created_at) as ordered_at,
    customer_id,
    email,
    updated_at,
    cancelled_at,
    case
        when {{ true_or_false('_fivetran_deleted') }} then 'deleted' else financial_status
    end as financial_status,
    currency,
    cast(null as {{ dbt.type_string() }}) as fx_rate,
    subtotal_price as subtotal,
    {{ shopify_discount('total_line_items_price') }} as discount_total,
    total_tax as tax_total,
    cast(coalesce(
        shipping_price - case when has_tax_in_prices then shipping_tax else 0 end,
        try_cast(total_price as decimal(18, 4)) - try_cast(subtotal_price as decimal(18, 4))
        - case
            when has_tax_in_prices then 0 else coalesce(try_cast(total_tax as decimal(18, 4)), 0)
        end
    ) as {{ dbt.type_string() }}) as shipping_total,
    total_price as total,
    taxes_included,
    test as is_test,
    coupon,
    cart_token as cart_id,
    visitor_id,
    coalesce(nullif(shipping_address_country_code, ''), billing_address_country_code) as country,
    'shopify.order' as _source_table,
    {{ columns_as_json([
        'id', 'created_at', 'processed_at', 'updated_at', 'cancelled_at', 'financial_status',
        'currency', 'subtotal_price', 'total_line_items_price', 'total_discounts', 'total_tax',
        'total_price', 'taxes_included', 'test',
    ]) }} as raw_row,
    _loaded_at,
    _source_file,
    _source_row
from read
