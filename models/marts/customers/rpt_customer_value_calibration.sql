-- Predictions are added up as decimals, so that the sum does not depend on the order of rows.

with

customers as (
    select
        purchases.cutoff_date,
        purchases.horizon_days,
        cast(least(purchases.frequency, 7) as bigint) as repeat_purchases,
        purchases.actual_purchases,
        purchases.actual_value,
        cast(predicted.expected_purchases as decimal(18, 8)) as predicted_purchases,
        cast(
            predicted.expected_purchases * predicted.expected_purchase_value as decimal(38, 8)
        ) as predicted_value
    from {{ ref('int_customer_purchases_summarized') }} as purchases
        inner join {{ ref('int_customer_values_predicted') }} as predicted
            on
                purchases.cutoff = predicted.cutoff
                and purchases.customer_id = predicted.customer_id
    where purchases.cutoff = 'holdout'
)

select
    cutoff_date,
    horizon_days,
    repeat_purchases,
    count(*) as customers,
    cast(sum(predicted_purchases) as double) as predicted_purchases,
    cast(sum(actual_purchases) as bigint) as actual_purchases,
    cast(sum(predicted_value) as decimal(18, 2)) as predicted_value,
    cast(sum(actual_value) as decimal(18, 2)) as actual_value
from customers
group by cutoff_date, horizon_days, repeat_purchases
