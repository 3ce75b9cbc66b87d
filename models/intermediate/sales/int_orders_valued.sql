{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['order_id'],
    meta={'redone_by': ['order_id']}
) }}
-- One row per order with its money, in the order's currency and without what test, voided and
-- deleted orders never sold. An order without lines is valued by its own totals.

with

lines as (
    select
        priced.order_id,
        sum(priced.gross_sales) as gross_sales,
        sum(case
            when priced.is_sale then priced.line_discount + allocated.order_discount else 0
        end) as discounts,
        sum(case when priced.is_sale then priced.quantity else 0 end) as units,
        sum(case
            when priced.is_gift_card
                then priced.line_value - priced.line_discount - allocated.order_discount
            else 0
        end) as gift_card_sales,
        sum(priced.tax) as tax,
        count(*) as line_count
    from {{ redone(ref('int_order_lines_priced')) }} as priced
        inner join {{ redone(ref('int_order_discounts_allocated')) }} as allocated
            on priced.order_line_id = allocated.order_line_id
    group by priced.order_id
),

refunds as (
    select
        order_id,
        sum(case when is_sale then amount else 0 end) as refunded_value,
        sum(tax) as refunded_tax,
        sum(shipping) as refunded_shipping
    from {{ redone(ref('int_refunds_latest')) }}
    group by order_id
),

totals as (
    select
        orders.*,
        coalesce(lines.line_count, 0) as line_count,
        coalesce(lines.units, 0) as units,
        coalesce(orders.discount_total, 0) as stated_discount,
        coalesce(orders.tax_total, lines.tax, 0) as stated_tax,
        coalesce(orders.shipping_total, 0) as stated_shipping,
        lines.gross_sales as line_gross_sales,
        coalesce(lines.gift_card_sales, 0) as stated_gift_card_sales,
        lines.discounts as line_discounts,
        coalesce(refunds.refunded_value, 0) as refunded_value,
        coalesce(refunds.refunded_tax, 0) as refunded_tax,
        coalesce(refunds.refunded_shipping, 0) as refunded_shipping
    from {{ redone(ref('int_orders_latest')) }} as orders
        left join lines
            on orders.order_id = lines.order_id
        left join refunds
            on orders.order_id = refunds.order_id
),

sold as (
    select
        *,
        cast(case
            when not is_sale then 0
            when line_count > 0 then line_gross_sales
            else
                coalesce(
                    subtotal - case when taxes_included then stated_tax else 0 end,
                    total - stated_tax - stated_shipping
                ) + stated_discount
        end as decimal(18, 2)) as gross_sales,
        cast(case
            when not is_sale then 0
            when line_count > 0 then line_discounts
            else stated_discount
        end as decimal(18, 2)) as discounts,
        cast(case when is_sale then stated_gift_card_sales else 0 end as decimal(18, 2))
            as gift_card_sales,
        cast(case when is_sale then stated_tax else 0 end as decimal(18, 2)) as tax_charged,
        cast(case when is_sale then stated_shipping else 0 end as decimal(18, 2))
            as shipping_charged
    from totals
),

-- Cancelling returns what was not refunded already.
cancelled as (
    select
        *,
        cast(case
            when is_cancelled then greatest(gross_sales - discounts - refunded_value, 0) else 0
        end as decimal(18, 2)) as cancelled_value,
        cast(case
            when is_cancelled then greatest(tax_charged - refunded_tax, 0) else 0
        end as decimal(18, 2)) as cancelled_tax,
        cast(case
            when is_cancelled then greatest(shipping_charged - refunded_shipping, 0) else 0
        end as decimal(18, 2)) as cancelled_shipping
    from sold
)

select
    *,
    cast(case
        when is_sale then refunded_value + cancelled_value else 0
    end as decimal(18, 2)) as returns,
    cast(case
        when is_sale then tax_charged - refunded_tax - cancelled_tax else 0
    end as decimal(18, 2)) as tax,
    cast(case
        when is_sale then shipping_charged - refunded_shipping - cancelled_shipping else 0
    end as decimal(18, 2)) as shipping
from cancelled
