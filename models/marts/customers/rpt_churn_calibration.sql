-- Predictions are added up as decimals, so that the sum does not depend on the order of rows.

with

customers as (
    select
        cutoff_date,
        horizon_days,
        -- The highest bucket holds a probability of 1, too.
        cast(least(floor(p_no_purchase * 10), 9) as bigint) as bucket,
        cast(p_no_purchase as decimal(18, 8)) as p_no_purchase,
        actual_purchases = 0 as is_lost,
        churn_rule
    from {{ ref('int_customer_churn_judged') }}
    where cutoff = 'holdout' and p_no_purchase is not null
)

select
    cutoff_date,
    horizon_days,
    bucket as probability_bucket,
    count(*) as customers,
    cast(sum(p_no_purchase) as double) as predicted_lost_customers,
    count(case when is_lost then 1 end) as lost_customers,
    count(case when churn_rule <> 'none' then 1 end) as churned_customers,
    count(case when churn_rule <> 'none' and is_lost then 1 end) as churned_lost_customers
from customers
group by cutoff_date, horizon_days, bucket
