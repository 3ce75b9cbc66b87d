with

contents as (
    select
        cart_id,
        sum(item_value) as cart_value
    from {{ ref('int_cart_items_valued') }}
    group by cart_id
)

select
    carts.cart_id,
    carts.visitor_id,
    carts.customer_id,
    carts.started_at,
    {{ store_date('carts.started_at') }} as started_date,
    carts.last_activity_at,
    case when carts.cart_state = 'abandoned' then carts.judged_at end as left_at,
    carts.purchased_at,
    cast(case
        when carts.item_count = 0 then 0
        else contents.cart_value
    end as decimal(18, 2)) as cart_value,
    carts.item_count,
    carts.cart_state,
    case
        when carts.cart_state = 'purchased' then 'purchase'
        else funnel_steps.step
    end as reached_step,
    carts.cart_state = 'purchased' or funnel_steps.step <> 'add_to_cart' as has_checkout,
    recoveries.recovered_at is not null as is_recovered,
    recoveries.recovered_at,
    reasons.abandonment_reason,
    sessions.channel,
    sessions.device_category,
    sessions.country
from {{ ref('int_carts_judged') }} as carts
    inner join {{ ref('fct_sessions') }} as sessions
        on
            carts.visitor_id = sessions.visitor_id
            and carts.session_start_at = sessions.session_start_at
    inner join {{ ref('funnel_steps') }} as funnel_steps
        on carts.step_number = funnel_steps.step_number
    left join contents
        on carts.cart_id = contents.cart_id
    left join {{ ref('int_cart_recoveries') }} as recoveries
        on
            carts.cart_id = recoveries.cart_id
            and carts.judged_at = recoveries.left_at
            and carts.cart_state = 'abandoned'
    left join {{ ref('int_cart_reasons') }} as reasons
        on carts.cart_id = reasons.cart_id
