-- The value is looked up for those that are shown, and not for all.
with worth as (
    select
        churn.customer_id,
        churn.suggested_action,
        customers.segment,
        customers.country,
        customers.order_count,
        customers.net_sales,
        churn.last_order_at,
        churn.silent_days,
        churn.churn_probability,
        churn.value_at_risk
    from fct_customer_churn as churn
        inner join dim_customers as customers on churn.customer_id = customers.customer_id
    where
        churn.suggested_action <> 'none'
        and (len($countries) = 0 or list_contains($countries, customers.country))
    order by churn.value_at_risk desc nulls last, churn.customer_id asc
    limit 200
)

select
    worth.customer_id,
    worth.suggested_action,
    worth.segment,
    worth.country,
    worth.order_count,
    worth.net_sales,
    worth.last_order_at,
    worth.silent_days,
    worth.churn_probability,
    value.clv_12m,
    worth.value_at_risk
from worth
    left join fct_customer_value as value on worth.customer_id = value.customer_id
order by worth.value_at_risk desc nulls last, worth.customer_id asc
