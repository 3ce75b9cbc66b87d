-- Net revenue is not rounded: what sums it up rounds it once. The order's own net sales count where
-- the order is known, else what the purchase event said; without a rate it is null.

with

valued as (
    select * from {{ ref('int_orders_valued') }}
),

orders as (
    {{ orders_by_transaction() }}
)

select
    purchases.purchase_id,
    case when purchases.transaction_id = valued.order_id then valued.order_id end as order_id,
    purchases.purchased_at,
    purchases.session_date,
    purchases.visitor_id,
    purchases.session_start_at,
    coalesce(valued.is_sale, true) as is_sale,
    case
        when valued.order_id is not null
            then (valued.gross_sales - valued.discounts - valued.returns) * valued.fx_rate
        when
            coalesce(purchases.currency, reporting.reporting_currency)
            = reporting.reporting_currency
            then purchases.value
        else purchases.value * rates.rate
    end as net_revenue
from {{ ref('int_purchases_tracked') }} as purchases
    cross join {{ ref('int_reporting_currency') }} as reporting
    left join orders
        on purchases.transaction_id = orders.transaction_id
    left join valued
        on orders.order_id = valued.order_id
    left join {{ ref('int_currency_rates_valid') }} as rates
        on
            purchases.currency = rates.currency
            and purchases.session_date >= rates.valid_from
            and purchases.session_date < rates.valid_to
