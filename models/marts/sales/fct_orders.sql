{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['order_id'],
    on_schema_change='fail', meta={'redone_by': ['order_id']}
) }}
select
    orders.order_id,
    orders.customer_id,
    orders.visitor_id,
    persons.person_id,
    orders.cart_id,
    orders.ordered_at,
    orders.order_date,
    orders.cancelled_at,
    orders.financial_status,
    orders.country,
    orders.coupon,
    orders.currency,
    orders.fx_rate,
    orders.line_count,
    cast(orders.units as bigint) as units,
    orders.gross_sales,
    orders.discounts,
    orders.returns,
    cast(orders.gross_sales - orders.discounts - orders.returns as decimal(18, 2)) as net_sales,
    orders.tax,
    orders.shipping,
    cast(
        orders.gross_sales - orders.discounts - orders.returns + orders.tax + orders.shipping
        as decimal(18, 2)
    ) as total_sales,
    cast(
        (orders.gross_sales - orders.discounts - orders.returns) * orders.fx_rate
        as decimal(18, 2)
    ) as net_sales_reporting,
    numbered.customer_order_number,
    coalesce(numbered.customer_order_number = 1, false) as is_first_order,
    orders.is_sale,
    orders.is_cancelled,
    orders.is_test
from {{ redone(ref('int_orders_valued')) }} as orders
    left join {{ redone(ref('int_customer_orders_numbered')) }} as numbered
        on orders.order_id = numbered.order_id
    left join {{ redone(ref('int_order_persons')) }} as persons
        on orders.order_id = persons.order_id
