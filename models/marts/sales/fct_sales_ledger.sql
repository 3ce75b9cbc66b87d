{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['posting_id'],
    on_schema_change='fail', meta={'redone_by': ['order_id']}
) }}
-- Every movement of money on its own day: a sale on the day of the order, a return on the day of
-- the refund, a cancellation as a return on the day of cancelling.
{%- set posting_kinds = [
    ('gross_sales', 'orders', 'order_id', 'order_date', 'gross_sales'),
    ('discount', 'orders', 'order_id', 'order_date', '-discounts'),
    ('tax', 'orders', 'order_id', 'order_date', 'tax_charged'),
    ('shipping', 'orders', 'order_id', 'order_date', 'shipping_charged'),
    ('return', 'orders', "concat(order_id, ':cancelled')", 'cancelled_date', '-cancelled_value'),
    ('tax_return', 'orders', "concat(order_id, ':cancelled')", 'cancelled_date', '-cancelled_tax'),
    ('shipping_return', 'orders', "concat(order_id, ':cancelled')", 'cancelled_date',
        '-cancelled_shipping'),
    ('return', 'refunds', "concat('refund:', refund_line_id)", 'refund_date',
        'case when is_sale then -amount else 0 end'),
    ('tax_return', 'refunds', "concat('refund:', refund_line_id)", 'refund_date', '-tax'),
    ('shipping_return', 'refunds', "concat('refund:', refund_line_id)", 'refund_date', '-shipping'),
] %}

with

orders as (
    select *
    from {{ redone(ref('int_orders_valued')) }}
    where is_sale
),

refunds as (
    select refunds.*
    from {{ redone(ref('int_refunds_latest')) }} as refunds
        left join {{ redone(ref('int_orders_latest')) }} as known
            on refunds.order_id = known.order_id
    where coalesce(known.is_sale, true)
),

postings as (
    {%- for posting_kind, documents, document_id, posting_date, amount in posting_kinds %}
    select
        {{ document_id }} as document_id,
        {{ posting_date }} as posting_date,
        '{{ posting_kind }}' as posting_kind,
        order_id,
        customer_id,
        currency,
        fx_rate,
        {{ amount }} as amount
    from {{ documents }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    concat(document_id, ':', posting_kind) as posting_id,
    posting_date,
    posting_kind,
    order_id,
    customer_id,
    currency,
    cast(amount as decimal(18, 2)) as amount,
    cast(amount * fx_rate as decimal(18, 2)) as amount_reporting
from postings
where amount <> 0
