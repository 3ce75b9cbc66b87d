-- One row per person who bought: a customer by any order, a visitor by what tracking saw.

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
    where purchases.is_sale
)

select
    person_id,
    max(bought_at) as last_bought_at
from bought
group by person_id
