-- Money of the ledger in the reporting currency on the day of the posting; counts of orders by day.
with money as (
    select
        posting_date as day,
        coalesce(sum(amount_reporting) filter (where posting_kind = 'gross_sales'), 0)
            as gross_sales,
        coalesce(-sum(amount_reporting) filter (where posting_kind = 'discount'), 0) as discounts,
        coalesce(-sum(amount_reporting) filter (where posting_kind = 'return'), 0) as returns
    from fct_sales_ledger
    where posting_date between $start and $end
    group by posting_date
),

counts as (
    select
        report_date as day,
        cast(sum(orders) as bigint) as orders,
        cast(sum(new_customers) as bigint) as new_customers
    from rpt_sales_daily
    where report_date between $start and $end
    group by report_date
),

-- AOV divides by the orders whose money could be converted.
converted as (
    select
        order_date as day,
        count(*) as convertible_orders
    from fct_orders
    where is_sale and fx_rate is not null and order_date between $start and $end
    group by order_date
)

select
    coalesce(money.day, counts.day) as day,
    coalesce(money.gross_sales, 0) as gross_sales,
    coalesce(money.discounts, 0) as discounts,
    coalesce(money.returns, 0) as returns,
    coalesce(money.gross_sales - money.discounts - money.returns, 0) as net_sales,
    coalesce(counts.orders, 0) as orders,
    coalesce(converted.convertible_orders, 0) as convertible_orders,
    coalesce(counts.new_customers, 0) as new_customers
from money
    full outer join counts on money.day = counts.day
    left join converted on coalesce(money.day, counts.day) = converted.day
order by day
