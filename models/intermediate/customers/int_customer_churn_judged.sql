-- One row per cutoff and customer: is this one lost? Two rules, because P(alive) is 1 for one-time
-- buyers by construction: a low P(alive), or a silence longer than the customer's own gaps between
-- purchases (90th percentile; all customers' below 3 gaps).

with

-- The gaps of each customer that had closed by the cutoff.
gaps as (
    select
        purchases.cutoff,
        days.days_since_previous
    from {{ ref('int_customer_purchases_summarized') }} as purchases
        inner join {{ ref('int_purchase_days_counted') }} as days
            on
                purchases.customer_id = days.customer_id
                and purchases.cutoff_date >= days.order_date
    where days.day_number > 1
),

-- Rounded, because a quantile of 8 days may come as 7.999999999999998.
population as (
    select
        cutoff,
        round(percentile_cont(0.9) within group (order by days_since_previous), 8)
            as gap_p90_days
    from gaps
    group by cutoff
),

judged as (
    select
        purchases.*,
        predicted.p_alive,
        predicted.p_no_purchase,
        predicted.missing_reason,
        {{ dbt.datediff('purchases.last_order_date', 'purchases.cutoff_date', 'day') }}
            as silent_days,
        case
            when purchases.frequency >= 3 then purchases.interval_p90_days
            else population.gap_p90_days
        end as longest_usual_gap_days
    from {{ ref('int_customer_purchases_summarized') }} as purchases
        inner join {{ ref('int_customer_values_predicted') }} as predicted
            on
                purchases.cutoff = predicted.cutoff
                and purchases.customer_id = predicted.customer_id
        left join population
            on purchases.cutoff = population.cutoff
)

select
    *,
    case
        when p_alive < {{ var('churn_p_alive_threshold') }} then 'p_alive'
        when silent_days > longest_usual_gap_days then 'silence'
        when p_alive is not null or longest_usual_gap_days is not null then 'none'
    end as churn_rule
from judged
