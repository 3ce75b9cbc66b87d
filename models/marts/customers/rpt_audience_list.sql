-- An audience is all of its conditions together: the seed has one row for each.

with

customers as (
    select
        segments.customer_id,
        dim_customers.segment,
        churn.suggested_action,
        churn.churn_rule,
        segments.main_category,
        segments.price_tier,
        segments.discount_affinity,
        segments.activity_since_order,
        segments.main_browsed_category,
        segments.browsing_focus,
        case
            when segments.is_browsing_without_buying then 'yes' else 'no'
        end as is_browsing_without_buying,
        case when segments.is_buyer then 'yes' else 'no' end as is_buyer,
        customer_value.clv_12m
    from {{ ref('fct_customer_segments') }} as segments
        inner join {{ ref('dim_customers') }} as dim_customers
            on segments.customer_id = dim_customers.customer_id
        left join {{ ref('fct_customer_churn') }} as churn
            on segments.customer_id = churn.customer_id
        left join {{ ref('fct_customer_value') }} as customer_value
            on segments.customer_id = customer_value.customer_id
    where dim_customers.accepts_marketing and not dim_customers.is_deleted
),

matched as (
    select
        conditions.audience,
        customers.customer_id,
        max(customers.clv_12m) as clv_12m,
        count(*) as matched_conditions
    from customers
        inner join {{ ref('audience_conditions') }} as conditions
            on
                conditions.value = case conditions.attribute
                    when 'segment' then customers.segment
                    when 'suggested_action' then customers.suggested_action
                    when 'churn_rule' then customers.churn_rule
                    when 'main_category' then customers.main_category
                    when 'price_tier' then customers.price_tier
                    when 'discount_affinity' then customers.discount_affinity
                    when 'activity_since_order' then customers.activity_since_order
                    when 'is_buyer' then customers.is_buyer
                    when 'main_browsed_category' then customers.main_browsed_category
                    when 'browsing_focus' then customers.browsing_focus
                    when 'is_browsing_without_buying'
                        then customers.is_browsing_without_buying
                end
    group by conditions.audience, customers.customer_id
),

audiences as (
    select
        audience,
        count(*) as conditions
    from {{ ref('audience_conditions') }}
    group by audience
)

select
    matched.audience,
    matched.customer_id,
    matched.clv_12m
from matched
    inner join audiences
        on
            matched.audience = audiences.audience
            and matched.matched_conditions = audiences.conditions
