{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['order_id'],
    meta={'redone_by': []}
) }}
-- The customer says who ordered, else the e-mail, else the device; one that a guard holds back only
-- where the order names nothing better. A guest's order on a shared device is the guest's.

with

orders as (
    select * from {{ ref('int_orders_latest') }}
),

named as (
    {%- for kind, column in [
        ('customer', 'customer_id'),
        ('email', 'email_hash'),
        ('visitor', 'visitor_id'),
    ] %}
    select
        order_id,
        {{ loop.index }} as preference,
        '{{ kind }}' as identifier_kind,
        {{ column }} as identifier
    from orders
    where {{ column }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

ranked as (
    select
        named.order_id,
        identities.person_id,
        row_number() over (
            partition by named.order_id
            order by
                case when identities.guard is null then 0 else 1 end,
                named.preference
        ) as preference_rank
    from named
        inner join {{ ref('int_identities_resolved') }} as identities
            on
                named.identifier_kind = identities.identifier_kind
                and named.identifier = identities.identifier
)

select
    order_id,
    person_id
from ranked
where preference_rank = 1
