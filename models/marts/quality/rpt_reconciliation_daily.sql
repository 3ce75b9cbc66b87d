-- Tracking against orders on the day of each; and what orders state they charged against what the
-- ledger posted for them. Money is in the reporting currency.

with

known_orders as (
    {{ orders_by_transaction('int_orders_latest') }}
),

matched as (
    select
        purchases.session_date,
        known_orders.order_id
    from {{ ref('int_purchases_tracked') }} as purchases
        left join known_orders
            on purchases.transaction_id = known_orders.transaction_id
),

purchases as (
    select
        session_date as report_date,
        count(*) as tracked_purchases,
        count(order_id) as matched_purchases
    from matched
    group by session_date
),

orders as (
    select
        orders.order_date as report_date,
        count(*) as orders,
        count(matched.order_id) as tracked_orders,
        cast(sum(orders.total * orders.fx_rate) as decimal(18, 2)) as stated_total,
        cast(sum(
            (orders.gross_sales - orders.discounts + orders.tax_charged + orders.shipping_charged)
            * orders.fx_rate
        ) as decimal(18, 2)) as computed_total,
        cast(sum(orders.gift_card_sales * orders.fx_rate) as decimal(18, 2)) as gift_card_sales,
        cast(sum(
            (
                orders.total - orders.gross_sales + orders.discounts - orders.tax_charged
                - orders.shipping_charged - orders.gift_card_sales
            ) * orders.fx_rate
        ) as decimal(18, 2)) as total_difference
    from {{ ref('int_orders_valued') }} as orders
        left join matched
            on orders.order_id = matched.order_id
    where orders.is_sale
    group by orders.order_date
),

ledger as (
    select
        posting_date as report_date,
        sum(case when amount_reporting > 0 then amount_reporting else 0 end) as money_in,
        -sum(case when amount_reporting < 0 then amount_reporting else 0 end) as money_out
    from {{ ref('fct_sales_ledger') }}
    group by posting_date
),

days as (
    select report_date from purchases
    union
    select report_date from orders
    union
    select report_date from ledger
)

select
    days.report_date,
    coalesce(purchases.tracked_purchases, 0) as tracked_purchases,
    coalesce(purchases.matched_purchases, 0) as matched_purchases,
    coalesce(orders.orders, 0) as orders,
    coalesce(orders.tracked_orders, 0) as tracked_orders,
    coalesce(orders.stated_total, 0) as stated_total,
    coalesce(orders.computed_total, 0) as computed_total,
    coalesce(orders.gift_card_sales, 0) as gift_card_sales,
    coalesce(orders.total_difference, 0) as total_difference,
    cast(coalesce(ledger.money_in, 0) as decimal(18, 2)) as money_in,
    cast(coalesce(ledger.money_out, 0) as decimal(18, 2)) as money_out
from days
    left join purchases
        on days.report_date = purchases.report_date
    left join orders
        on days.report_date = orders.report_date
    left join ledger
        on days.report_date = ledger.report_date
