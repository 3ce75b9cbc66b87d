select
    suggested_action,
    count(*) as customers,
    count(*) filter (where is_churned) as churned_customers,
    sum(churn_probability) / nullif(count(churn_probability), 0) as mean_churn_probability,
    sum(value_at_risk) as value_at_risk
from fct_customer_churn
group by suggested_action
order by value_at_risk desc nulls last, suggested_action asc
