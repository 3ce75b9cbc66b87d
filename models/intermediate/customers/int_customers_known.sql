{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['customer_id'],
    meta={'redone_by': ['customer_id']}
) }}
-- One row per customer that the customer table, an order or a login names. An export that has a
-- customer again tells nothing new of when he was known first.

with

versions as (
    select
        *,
        min(_loaded_at) over (partition by customer_id) as first_landed_at,
        row_number() over (
            partition by customer_id
            order by _loaded_at desc, _source_file desc, _source_row desc
        ) as version_rank
    from {{ redone(ref('int_customers_landed')) }}
),

customers as (
    select * from versions
    where version_rank = 1
),

named as (
    select customer_id from customers
    union
    select customer_id
    from {{ redone(ref('int_orders_latest')) }}
    where customer_id is not null
    union
    select customer_id
    from {{ redone(ref('int_visitors_identified')) }}
    where customer_id is not null
)

select
    named.customer_id,
    customers.created_at,
    coalesce(customers.created_at, customers.first_landed_at) as known_at,
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
