-- Difference in differences: what recipients bought from the campaign's first message on against as
-- many days before it, less the same change among customers without a message. Both groups had
-- ordered before the days that are compared.

with

messages as (
    {{ latest_rows('stg_shop__messages', ['message_id']) }}
),

recipients as (
    select distinct
        messages.campaign,
        coalesce(visitors.customer_id, messages.person_key) as customer_id
    from messages
        left join {{ ref('int_visitors_identified') }} as visitors
            on messages.person_key = visitors.visitor_id
    where messages.campaign is not null and messages.sent_at is not null
),

known as (
    select
        campaigns.campaign,
        campaigns.start_date,
        campaigns.before_date,
        campaigns.end_date,
        customers.customer_id,
        recipients.customer_id is not null as is_recipient
    from {{ ref('int_message_campaigns_started') }} as campaigns
        inner join {{ ref('dim_customers') }} as customers
            on {{ store_date('customers.first_order_at') }} < campaigns.before_date
        left join recipients
            on
                campaigns.campaign = recipients.campaign
                and customers.customer_id = recipients.customer_id
    where campaigns.is_observed
),

sizes as (
    select
        campaign,
        count(case when is_recipient then 1 end) as compared_recipients,
        count(case when not is_recipient then 1 end) as compared_others
    from known
    group by campaign
),

bought as (
    select
        known.campaign,
        known.is_recipient,
        orders.order_date >= known.start_date as is_after,
        orders.net_sales_reporting as net_sales
    from known
        inner join {{ ref('fct_orders') }} as orders
            on
                known.customer_id = orders.customer_id
                and known.before_date <= orders.order_date
                and known.end_date > orders.order_date
    where orders.is_sale
),

sums as (
    select
        campaign,
        sum(case when is_recipient and not is_after then net_sales end) as recipients_before,
        sum(case when is_recipient and is_after then net_sales end) as recipients_after,
        sum(case when not is_recipient and not is_after then net_sales end) as others_before,
        sum(case when not is_recipient and is_after then net_sales end) as others_after
    from bought
    group by campaign
),

redeemed as (
    select
        coupon as campaign,
        count(*) as coupon_orders
    from {{ ref('fct_orders') }}
    where is_sale
    group by coupon
),

means as (
    select
        sizes.*,
        cast(coalesce(sums.recipients_before, 0) as double)
        / nullif(sizes.compared_recipients, 0) as recipient_sales_before,
        cast(coalesce(sums.recipients_after, 0) as double)
        / nullif(sizes.compared_recipients, 0) as recipient_sales_after,
        cast(coalesce(sums.others_before, 0) as double)
        / nullif(sizes.compared_others, 0) as other_sales_before,
        cast(coalesce(sums.others_after, 0) as double)
        / nullif(sizes.compared_others, 0) as other_sales_after
    from sizes
        left join sums
            on sizes.campaign = sums.campaign
)

select
    campaigns.campaign,
    campaigns.start_date,
    campaigns.is_observed,
    campaigns.messages,
    campaigns.recipients,
    coalesce(redeemed.coupon_orders, 0) as coupon_orders,
    coalesce(means.compared_recipients, 0) as compared_recipients,
    coalesce(means.compared_others, 0) as compared_others,
    means.recipient_sales_before,
    means.recipient_sales_after,
    means.other_sales_before,
    means.other_sales_after,
    means.recipient_sales_after - means.recipient_sales_before
    - (means.other_sales_after - means.other_sales_before) as effect_per_recipient
from {{ ref('int_message_campaigns_started') }} as campaigns
    left join means
        on campaigns.campaign = means.campaign
    left join redeemed
        on campaigns.campaign = redeemed.campaign
