-- One row per cutoff and customer who had bought by then: what the models of customer value know of
-- a customer. Cutoff `now` is the as-of day. Cutoff `holdout` lies half the history before it, at
-- most a year, so that what was predicted then can be compared with what happened since.

with

purchase_days as (
    select * from {{ ref('int_purchase_days_counted') }}
),

as_of as (
    select {{ store_date('as_of_at') }} as as_of_date from {{ ref('int_as_of') }}
),

history as (
    select
        max(as_of.as_of_date) as as_of_date,
        {{ dbt.datediff('min(purchase_days.order_date)', 'max(as_of.as_of_date)', 'day') }} as days
    from purchase_days
        cross join as_of
),

horizons as (
    select
        as_of_date,
        cast(least(ceil(days / 2.0), 365) as bigint) as holdout_days
    from history
),

cutoffs as (
    select
        'now' as cutoff,
        as_of_date as cutoff_date,
        cast(365 as bigint) as horizon_days
    from horizons
    union all
    select
        'holdout' as cutoff,
        cast({{ dbt.dateadd('day', '-holdout_days', 'as_of_date') }} as date) as cutoff_date,
        holdout_days as horizon_days
    from horizons
    where holdout_days > 0
),

dated as (
    select
        purchase_days.*,
        cutoffs.cutoff,
        cutoffs.cutoff_date,
        cutoffs.horizon_days,
        purchase_days.order_date <= cutoffs.cutoff_date as is_past,
        purchase_days.order_date <= cutoffs.cutoff_date
        and purchase_days.day_number > 1 as is_past_repeat,
        cutoffs.cutoff = 'holdout'
        and purchase_days.order_date > cutoffs.cutoff_date as is_holdout
    from purchase_days
        inner join cutoffs
            on
                purchase_days.order_date
                <= {{ dbt.dateadd('day', 'cutoffs.horizon_days', 'cutoffs.cutoff_date') }}
),

summarized as (
    select
        cutoff,
        cutoff_date,
        horizon_days,
        customer_id,
        min(first_order_at) as first_order_at,
        max(case when is_past then last_order_at end) as last_order_at,
        min(order_date) as first_order_date,
        max(case when is_past then order_date end) as last_order_date,
        count(case when is_past_repeat then 1 end) as frequency,
        coalesce(sum(case when is_past then net_sales end), 0) as net_sales,
        cast(sum(case when is_past_repeat then net_sales end) as double)
        / nullif(count(case when is_past_repeat then net_sales end), 0) as mean_repeat_sales,
        round(percentile_cont(0.9) within group (
            order by case when is_past_repeat then days_since_previous end
        ), 8) as interval_p90_days,
        case when cutoff = 'holdout' then count(case when is_holdout then 1 end) end
            as actual_purchases,
        case
            when cutoff = 'holdout' then coalesce(sum(case when is_holdout then net_sales end), 0)
        end as actual_value
    from dated
    group by cutoff, cutoff_date, horizon_days, customer_id
)

select
    *,
    {{ dbt.datediff('first_order_date', 'last_order_date', 'day') }} as recency_days,
    {{ dbt.datediff('first_order_date', 'cutoff_date', 'day') }} as age_days,
    -- Refunds above the price would make a mean that the model of values does not know.
    case when mean_repeat_sales < 0 then 0 else mean_repeat_sales end as monetary_value
from summarized
where last_order_date is not null
