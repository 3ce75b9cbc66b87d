with

refunded as (
    select
        order_line_id,
        sum(quantity) as refunded_units,
        sum(amount) as refunded_value
    from {{ ref('int_refunds_latest') }}
    where order_line_id is not null
    group by order_line_id
),

lines as (
    select
        priced.*,
        orders.customer_id,
        orders.ordered_at,
        orders.order_date,
        orders.currency,
        orders.fx_rate,
        orders.cancelled_date,
        orders.is_cancelled,
        coalesce(refunded.refunded_units, 0) as refunded_units,
        coalesce(
            priced.unit_cost,
            {{ as_decimal('variants.unit_cost / nullif(orders.fx_rate, 0)', digits=4) }}
        ) as known_unit_cost,
        case
            when priced.is_sale then priced.line_discount + allocated.order_discount else 0
        end as discounts,
        case when priced.is_sale then coalesce(refunded.refunded_value, 0) else 0 end
            as refunded_value
    from {{ ref('int_order_lines_priced') }} as priced
        inner join {{ ref('int_order_discounts_allocated') }} as allocated
            on priced.order_line_id = allocated.order_line_id
        inner join {{ ref('int_orders_latest') }} as orders
            on priced.order_id = orders.order_id
        left join refunded
            on priced.order_line_id = refunded.order_line_id
        left join {{ ref('int_variants_known') }} as variants
            on priced.variant_id = variants.variant_id
),

-- Cancelling returns what was not refunded already.
cancelled as (
    select
        *,
        case
            when is_cancelled then greatest(gross_sales - discounts - refunded_value, 0) else 0
        end as cancelled_value,
        case when is_cancelled then greatest(quantity - refunded_units, 0) else 0 end
            as cancelled_units
    from lines
)

select
    order_line_id,
    order_id,
    customer_id,
    ordered_at,
    order_date,
    cancelled_date,
    product_id,
    variant_id,
    sku,
    title,
    quantity,
    unit_price,
    currency,
    fx_rate,
    cast(gross_sales as decimal(18, 2)) as gross_sales,
    cast(discounts as decimal(18, 2)) as discounts,
    cast(refunded_value + cancelled_value as decimal(18, 2)) as returns,
    cast(gross_sales - discounts - refunded_value - cancelled_value as decimal(18, 2))
        as net_sales,
    cast(cancelled_value as decimal(18, 2)) as cancelled_value,
    cast(tax as decimal(18, 2)) as tax,
    cast(refunded_units + cancelled_units as bigint) as returned_units,
    cast(cancelled_units as bigint) as cancelled_units,
    known_unit_cost as unit_cost,
    is_gift_card,
    is_sale,
    is_product
from cancelled
