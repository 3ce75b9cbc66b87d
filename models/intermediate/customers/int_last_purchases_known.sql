-- One row per person who bought by the as-of moment: a customer by any order, a visitor by what
-- tracking saw.

with

bought as (
    select
        'customer:' || customer_id as person_id,
        last_order_at as bought_at
    from {{ ref('int_customers_scored') }}
    union all
    select
        coalesce(
            'customer:' || visitors.customer_id, 'visitor:' || purchases.visitor_id
        ) as person_id,
        purchases.purchased_at as bought_at
    from {{ ref('int_purchases_valued') }} as purchases
        left join {{ ref('int_visitors_identified') }} as visitors
            on purchases.visitor_id = visitors.visitor_id
        cross join {{ ref('int_as_of') }} as as_of
    where purchases.is_sale and purchases.purchased_at <= as_of.as_of_at
)

select
    person_id,
    max(bought_at) as last_bought_at
from bought
group by person_id
