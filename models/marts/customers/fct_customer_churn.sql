with

-- What a customer is worth keeping for: the last year's sales, all that a young customer brought.
last_year as (
    select
        days.customer_id,
        sum(days.net_sales) as net_sales
    from {{ ref('int_purchase_days_counted') }} as days
        inner join {{ ref('int_customer_purchases_summarized') }} as purchases
            on
                days.customer_id = purchases.customer_id
                and days.order_date <= purchases.cutoff_date
                and days.order_date
                > {{ dbt.dateadd('day', '-purchases.horizon_days', 'purchases.cutoff_date') }}
    where purchases.cutoff = 'now'
    group by days.customer_id
),

judged as (
    select
        judged.*,
        customers.accepts_marketing,
        customers.deleted_at is not null as is_deleted,
        coalesce(last_year.net_sales, 0) as last_year_sales
    from {{ ref('int_customer_churn_judged') }} as judged
        left join {{ ref('int_customers_known') }} as customers
            on judged.customer_id = customers.customer_id
        left join last_year
            on judged.customer_id = last_year.customer_id
    where judged.cutoff = 'now'
),

ruled as (
    select
        *,
        case when is_deleted then 'account deleted' else churn_rule end as rule
    from judged
)

select
    customer_id,
    cutoff_date as as_of_date,
    last_order_at,
    silent_days,
    longest_usual_gap_days,
    p_alive,
    p_no_purchase as churn_probability,
    rule as churn_rule,
    rule <> 'none' as is_churned,
    case
        when is_deleted or not accepts_marketing then 'none'
        when rule <> 'none' then 'win back'
        when frequency = 0 then 'win a second order'
        when p_no_purchase >= 0.5 then 'remind'
        else 'keep'
    end as suggested_action,
    case
        when not is_deleted
            then {{ as_decimal(var('clv_margin') ~ ' * p_no_purchase * last_year_sales') }}
    end as value_at_risk,
    missing_reason
from ruled
