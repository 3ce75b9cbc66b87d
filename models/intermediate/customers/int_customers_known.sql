-- One row per customer that the customer table, an order or a login names.

with

customers as (
    {{ latest_rows('stg_shop__customers', ['customer_id']) }}
),

-- An export that has a customer again tells nothing new of when he was known first.
first_landed as (
    select
        customer_id,
        min(_loaded_at) as first_landed_at
    from {{ ref('stg_shop__customers') }}
    where rejection_reason is null
    group by customer_id
),

named as (
    select customer_id from customers
    union
    select customer_id
    from {{ ref('int_orders_latest') }}
    where customer_id is not null
    union
    select customer_id
    from {{ ref('int_visitors_identified') }}
    where customer_id is not null
)

select
    named.customer_id,
    customers.created_at,
    coalesce(customers.created_at, first_landed.first_landed_at) as known_at,
    customers.email_hash,
    customers.phone_hash,
    customers.country,
    customers.region,
    customers.birth_year,
    customers.gender,
    customers.age_bracket,
    customers.income_bracket,
    customers.household_size,
    coalesce(customers.accepts_marketing, false) as accepts_marketing,
    customers.deleted_at
from named
    left join customers
        on named.customer_id = customers.customer_id
    left join first_landed
        on named.customer_id = first_landed.customer_id
