{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['refund_line_id'],
    meta={'redone_by': []}
) }}
-- One row per refunded line. The order may be unknown (it was placed before the data begins, or it
-- lands later): the return counts all the same.

with

refunds as (
    {{ latest_rows('stg_shop__refunds', ['refund_line_id']) }}
)

select
    refunds.refund_line_id,
    coalesce(refunds.refund_id, refunds.refund_line_id) as refund_id,
    refunds.order_id,
    refunds.order_line_id,
    orders.customer_id,
    lines.product_id,
    lines.variant_id,
    refunds.refunded_at,
    {{ store_date('refunds.refunded_at') }} as refund_date,
    coalesce(refunds.quantity, 0) as quantity,
    cast(refunds.amount as decimal(18, 2)) as amount,
    cast(coalesce(refunds.tax, 0) as decimal(18, 2)) as tax,
    cast(coalesce(refunds.shipping, 0) as decimal(18, 2)) as shipping,
    refunds.reason,
    coalesce(refunds.is_restocked, false) as is_restocked,
    coalesce(orders.currency, reporting.reporting_currency) as currency,
    case
        when orders.order_id is null then cast(1 as decimal(18, 8)) else orders.fx_rate
    end as fx_rate,
    orders.order_id is not null as is_order_known,
    coalesce(orders.is_sale, true) and not coalesce(lines.is_gift_card, false) as is_sale
from refunds
    cross join {{ ref('int_reporting_currency') }} as reporting
    left join {{ ref('int_orders_latest') }} as orders
        on refunds.order_id = orders.order_id
    left join {{ ref('int_order_lines_priced') }} as lines
        on refunds.order_line_id = lines.order_line_id
