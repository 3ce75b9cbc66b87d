with

money as (
    select
        posting_date,
        currency,
        sum(case when posting_kind = 'gross_sales' then amount else 0 end) as gross_sales,
        -sum(case when posting_kind = 'discount' then amount else 0 end) as discounts,
        -sum(case when posting_kind = 'return' then amount else 0 end) as returns,
        sum(case when posting_kind in ('tax', 'tax_return') then amount else 0 end) as tax,
        sum(case when posting_kind in ('shipping', 'shipping_return') then amount else 0 end)
            as shipping,
        sum(amount) as total_sales
    from {{ ref('fct_sales_ledger') }}
    group by posting_date, currency
),

orders as (
    select
        order_date,
        currency,
        count(*) as orders,
        sum(units) as units,
        count(distinct customer_id) as customers,
        count(distinct case when is_first_order then customer_id end) as new_customers
    from {{ ref('fct_orders') }}
    where is_sale
    group by order_date, currency
)

select
    coalesce(money.posting_date, orders.order_date) as report_date,
    coalesce(money.currency, orders.currency) as currency,
    cast(coalesce(money.gross_sales, 0) as decimal(18, 2)) as gross_sales,
    cast(coalesce(money.discounts, 0) as decimal(18, 2)) as discounts,
    cast(coalesce(money.returns, 0) as decimal(18, 2)) as returns,
    cast(
        coalesce(money.gross_sales - money.discounts - money.returns, 0) as decimal(18, 2)
    ) as net_sales,
    cast(coalesce(money.tax, 0) as decimal(18, 2)) as tax,
    cast(coalesce(money.shipping, 0) as decimal(18, 2)) as shipping,
    cast(coalesce(money.total_sales, 0) as decimal(18, 2)) as total_sales,
    coalesce(orders.orders, 0) as orders,
    cast(coalesce(orders.units, 0) as bigint) as units,
    coalesce(orders.customers, 0) as customers,
    coalesce(orders.new_customers, 0) as new_customers,
    cast(coalesce(money.gross_sales - money.discounts, 0) as double)
    / nullif(orders.orders, 0) as aov
from money
    full outer join orders
        on
            money.posting_date = orders.order_date
            and money.currency = orders.currency
