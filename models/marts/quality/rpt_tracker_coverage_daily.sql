-- Every tracker against all orders: what of the day's orders it saw, and which purchases it saw
-- that no order knows.

with

orders as (
    select
        order_id,
        order_date,
        (gross_sales - discounts) * fx_rate as sales
    from {{ ref('int_orders_valued') }}
    where is_sale
),

known as (
    {{ orders_by_transaction('int_orders_latest') }}
),

-- Without consent a purchase carries what stands for its order's id.
seen as (
    select
        purchases.tracker,
        coalesce(known.order_id, purchases.transaction_id) as order_id,
        min(purchases.seen_at) as seen_at
    from {{ ref('int_purchases_seen') }} as purchases
        left join known
            on purchases.transaction_id = known.transaction_id
    group by purchases.tracker, coalesce(known.order_id, purchases.transaction_id)
),

trackers as (
    select distinct tracker from seen
),

covered as (
    select
        orders.order_date as report_date,
        trackers.tracker,
        count(*) as orders,
        count(seen.order_id) as tracked_orders,
        sum(orders.sales) as order_sales,
        sum(case when seen.order_id is not null then orders.sales end) as tracked_sales
    from orders
        cross join trackers
        left join seen
            on
                orders.order_id = seen.order_id
                and trackers.tracker = seen.tracker
    group by orders.order_date, trackers.tracker
),

purchases as (
    select
        {{ store_date('seen.seen_at') }} as report_date,
        seen.tracker,
        count(*) as purchases_seen,
        count(case when orders.order_id is null then 1 end) as purchases_without_order
    from seen
        left join orders
            on seen.order_id = orders.order_id
    group by {{ store_date('seen.seen_at') }}, seen.tracker
),

days as (
    select
        report_date,
        tracker
    from covered
    union
    select
        report_date,
        tracker
    from purchases
)

select
    days.report_date,
    days.tracker,
    coalesce(covered.orders, 0) as orders,
    coalesce(covered.tracked_orders, 0) as tracked_orders,
    cast(coalesce(covered.order_sales, 0) as decimal(18, 2)) as order_sales,
    cast(coalesce(covered.tracked_sales, 0) as decimal(18, 2)) as tracked_sales,
    coalesce(purchases.purchases_seen, 0) as purchases_seen,
    coalesce(purchases.purchases_without_order, 0) as purchases_without_order,
    cast(covered.tracked_orders as double) / nullif(covered.orders, 0) as tracked_order_share
from days
    left join covered
        on
            days.report_date = covered.report_date
            and days.tracker = covered.tracker
    left join purchases
        on
            days.report_date = purchases.report_date
            and days.tracker = purchases.tracker
