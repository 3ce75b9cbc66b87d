-- Net revenue is not rounded: what sums it up rounds it once. The order's own net sales count where
-- the order is known, else what the purchase event said; without a rate it is null.

with

orders as (
    {{ orders_by_transaction('int_orders_valued') }}
)

select
    purchases.purchase_id,
    case when purchases.transaction_id = orders.order_id then orders.order_id end as order_id,
    purchases.purchased_at,
    purchases.session_date,
    purchases.visitor_id,
    purchases.session_start_at,
    coalesce(orders.is_sale, true) as is_sale,
    case
        when orders.order_id is not null
            then (orders.gross_sales - orders.discounts - orders.returns) * orders.fx_rate
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
    left join {{ ref('int_currency_rates_valid') }} as rates
        on
            purchases.currency = rates.currency
            and purchases.session_date >= rates.valid_from
            and purchases.session_date < rates.valid_to
