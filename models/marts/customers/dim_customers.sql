with

-- The channel of the first session by a person, of any visitor known to be the customer. One of a
-- day after the first order brought nobody; by days, as many shops tell no more of an order.
acquisition as (
    select
        customer_id,
        channel,
        session_date,
        row_number() over (
            partition by customer_id order by session_start_at, session_id
        ) as session_rank
    from {{ ref('fct_sessions') }}
    where customer_id is not null and not is_bot
)

select
    customers.customer_id,
    persons.person_id,
    customers.created_at,
    customers.country,
    customers.region,
    customers.birth_year,
    customers.gender,
    customers.age_bracket,
    customers.income_bracket,
    customers.household_size,
    customers.accepts_marketing,
    customers.deleted_at is not null as is_deleted,
    acquisition.channel as acquisition_channel,
    scored.first_order_at,
    scored.last_order_at,
    coalesce(scored.order_count, 0) as order_count,
    coalesce(scored.order_days, 0) as order_days,
    cast(coalesce(scored.net_sales, 0) as decimal(18, 2)) as net_sales,
    scored.recency_days,
    scored.r_score,
    scored.f_score,
    scored.m_score,
    segments.segment
from {{ ref('int_customers_known') }} as customers
    left join {{ ref('int_customers_scored') }} as scored
        on customers.customer_id = scored.customer_id
    left join acquisition
        on
            customers.customer_id = acquisition.customer_id
            and acquisition.session_rank = 1
            and (
                scored.first_order_at is null
                or {{ store_date('scored.first_order_at') }} >= acquisition.session_date
            )
    left join {{ ref('rfm_segments') }} as segments
        on
            scored.r_score = segments.r_score
            and scored.f_score = segments.f_score
    inner join {{ ref('int_identities_resolved') }} as persons
        on
            customers.customer_id = persons.identifier
            and persons.identifier_kind = 'customer'
