with

ledger as (
    select
        posting_date,
        currency,
        sum(amount) as amount
    from {{ ref('fct_sales_ledger') }}
    group by posting_date, currency
)

select
    sales.report_date,
    sales.currency,
    sales.total_sales,
    ledger.amount
from {{ ref('rpt_sales_daily') }} as sales
    full outer join ledger
        on
            sales.report_date = ledger.posting_date
            and sales.currency = ledger.currency
where
    coalesce(sales.total_sales, 0) <> coalesce(ledger.amount, 0)
    or sales.total_sales <> sales.net_sales + sales.tax + sales.shipping
