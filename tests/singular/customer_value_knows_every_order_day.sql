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
        customer_id,
        last_order_at,
        order_days,
        recency_days
    from {{ ref('dim_customers') }}
    where order_count > 0
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
