-- Customers who ordered after the as-of day, too, have more order days than can be judged on.
with

judged as (
    select
        customer_value.customer_id,
        customer_value.last_order_at,
        customer_value.frequency,
        churn.silent_days
    from {{ ref('fct_customer_value') }} as customer_value
        full outer join {{ ref('fct_customer_churn') }} as churn
            on customer_value.customer_id = churn.customer_id
),

customers as (
    select
        dim_customers.customer_id,
        dim_customers.last_order_at,
        dim_customers.order_days,
        dim_customers.recency_days
    from {{ ref('dim_customers') }} as dim_customers
        cross join {{ ref('int_as_of') }} as as_of
    where dim_customers.last_order_at <= as_of.as_of_at
)

select
    customers.customer_id,
    customers.order_days,
    judged.frequency,
    customers.recency_days,
    judged.silent_days
from customers
    left join judged
        on customers.customer_id = judged.customer_id
where
    judged.frequency is distinct from customers.order_days - 1
    or judged.silent_days is distinct from customers.recency_days
    or judged.last_order_at is distinct from customers.last_order_at
