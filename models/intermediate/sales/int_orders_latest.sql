{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['order_id'],
    meta={'redone_by': []}
) }}
-- One row per order, its newest version. Of who had refused analytics when ordering, neither
-- visitor nor cart is known. What names no currency is in the one that reports add up in.

with

orders as (
    {{ latest_rows('stg_shop__orders', ['order_id'], newest='updated_at') }}
),

-- Hashed before the join: in its condition the hash would be made for every pair.
hashed as (
    select
        order_id,
        ordered_at,
        {{ keyed_hash('visitor_id') }} as subject_hash
    from orders
),

refused as (
    select hashed.order_id
    from hashed
        inner join {{ ref('int_consents_refused') }} as refusals
            on
                hashed.subject_hash = refusals.subject_hash
                and hashed.ordered_at >= refusals.refused_from
                and hashed.ordered_at < refusals.refused_to
),

currencies as (
    select
        currency,
        count(*) as order_count
    from orders
    where currency is not null
    group by currency
),

ranked as (
    select
        currency,
        row_number() over (order by order_count desc, currency asc) as currency_rank
    from currencies
),

-- Chosen where all orders are read anyway; int_reporting_currency tells it to other models.
reporting as (
    select
        coalesce(
            {% if var('reporting_currency') %}'{{ var("reporting_currency") }}',{% endif %}
            max(currency),
            'XXX'
        ) as reporting_currency
    from ranked
    where currency_rank = 1
),

dated as (
    select
        orders.order_id,
        orders.customer_id,
        orders.email_hash,
        case when refused.order_id is null then orders.visitor_id end as visitor_id,
        case when refused.order_id is null then orders.cart_id end as cart_id,
        orders.coupon,
        orders.country,
        orders.ordered_at,
        {{ store_date('orders.ordered_at') }} as order_date,
        orders.cancelled_at,
        {{ store_date('orders.cancelled_at') }} as cancelled_date,
        orders.financial_status,
        coalesce(orders.currency, reporting.reporting_currency) as currency,
        orders.fx_rate as order_fx_rate,
        orders.subtotal,
        orders.discount_total,
        orders.tax_total,
        orders.shipping_total,
        orders.total,
        coalesce(orders.taxes_included, false) as taxes_included,
        coalesce(orders.is_test, false) as is_test,
        reporting.reporting_currency,
        not coalesce(orders.is_test, false)
        and coalesce(orders.financial_status, '') not in ('voided', 'deleted') as is_sale,
        orders.cancelled_at is not null as is_cancelled
    from orders
        cross join reporting
        left join refused
            on orders.order_id = refused.order_id
)

select
    dated.*,
    case
        when dated.currency = dated.reporting_currency then cast(1 as decimal(18, 8))
        else coalesce(dated.order_fx_rate, rates.rate)
    end as fx_rate
from dated
    left join {{ ref('int_currency_rates_valid') }} as rates
        on
            dated.currency = rates.currency
            and dated.order_date >= rates.valid_from
            and dated.order_date < rates.valid_to
