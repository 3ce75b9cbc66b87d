with

reported as (
    select
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(spend) as spend,
        sum(sessions) as sessions,
        sum(attributed_orders) as orders,
        sum(attributed_revenue) as revenue
    from {{ ref('rpt_campaign_daily') }}
),

spending as (
    select
        sum(impressions) as impressions,
        sum(clicks) as clicks
    from {{ ref('int_ad_spend_converted') }}
),

-- Spend of a day and campaign is null where one of its rows has no rate.
converted as (
    select sum(spend) as spend
    from {{ ref('int_campaign_spend_daily') }}
    where unconverted_spend_rows = 0
),

visited as (
    select count(*) as sessions
    from {{ ref('fct_sessions') }}
    where not is_bot
),

converting as (
    select
        count(*) as orders,
        sum(revenue) as revenue
    from {{ ref('int_conversions_valued') }}
)

select reported.*
from reported
    cross join spending
    cross join converted
    cross join visited
    cross join converting
where
    coalesce(reported.impressions, 0) <> coalesce(spending.impressions, 0)
    or coalesce(reported.clicks, 0) <> coalesce(spending.clicks, 0)
    or coalesce(reported.spend, 0) <> coalesce(converted.spend, 0)
    or coalesce(reported.sessions, 0) <> visited.sessions
    or coalesce(reported.orders, 0) <> converting.orders
    or coalesce(reported.revenue, 0) <> coalesce(converting.revenue, 0)
