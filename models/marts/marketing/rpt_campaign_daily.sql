-- Spend, sessions and credits of a day side by side: whatever one of them knows has a row.

with

credited as (
    select
        credits.conversion_date,
        credits.channel,
        credits.source,
        credits.medium,
        credits.campaign,
        sum(credits.credit) as orders,
        sum(case when credits.attributed_revenue is null then credits.credit else 0 end)
            as unvalued_orders,
        sum(case when journeys.is_first_order then credits.credit else 0 end) as new_customers,
        sum(credits.attributed_revenue) as revenue,
        sum(case when journeys.margin is not null then credits.attributed_revenue end)
            as costed_revenue,
        sum(credits.credit * journeys.margin) as margin
    from {{ ref('fct_attribution') }} as credits
        inner join {{ ref('fct_journeys') }} as journeys
            on credits.conversion_id = journeys.conversion_id
    where
        credits.attribution_model = '{{ var("report_attribution_model") }}'
        and credits.credit > 0
    group by
        credits.conversion_date,
        credits.channel,
        credits.source,
        credits.medium,
        credits.campaign
),

measured as (
    select
        coalesce(traffic.traffic_date, credited.conversion_date) as report_date,
        coalesce(traffic.channel, credited.channel) as channel,
        coalesce(traffic.source, credited.source) as source,
        coalesce(traffic.medium, credited.medium) as medium,
        coalesce(traffic.campaign, credited.campaign) as campaign,
        case when traffic.traffic_date is null then 0 else traffic.spend end as spend,
        coalesce(traffic.unconverted_spend_rows, 0) as unconverted_spend_rows,
        coalesce(traffic.impressions, 0) as impressions,
        coalesce(traffic.clicks, 0) as clicks,
        coalesce(traffic.sessions, 0) as sessions,
        coalesce(credited.new_customers, 0) as attributed_new_customers,
        coalesce(credited.orders, 0) as attributed_orders,
        coalesce(credited.unvalued_orders, 0) as unvalued_orders,
        case when credited.orders is null then 0 else credited.revenue end as attributed_revenue,
        coalesce(credited.costed_revenue, 0) as costed_revenue,
        case when credited.orders is null then 0 else credited.margin end as attributed_margin
    from {{ ref('int_campaign_traffic_daily') }} as traffic
        full outer join credited
            on
                traffic.traffic_date = credited.conversion_date
                and traffic.channel = credited.channel
                and traffic.source = credited.source
                and traffic.medium = credited.medium
                and traffic.campaign = credited.campaign
)

select
    report_date,
    channel,
    source,
    medium,
    campaign,
    cast(spend as decimal(18, 2)) as spend,
    unconverted_spend_rows,
    impressions,
    clicks,
    sessions,
    cast(attributed_new_customers as decimal(18, 9)) as attributed_new_customers,
    cast(attributed_orders as decimal(18, 9)) as attributed_orders,
    cast(unvalued_orders as decimal(18, 9)) as unvalued_orders,
    cast(attributed_revenue as decimal(18, 2)) as attributed_revenue,
    cast(costed_revenue as decimal(18, 2)) as costed_revenue,
    cast(attributed_margin as decimal(18, 2)) as attributed_margin,
    cast(attributed_revenue as double) / nullif(spend, 0) as roas,
    cast(attributed_margin - spend as double) / nullif(spend, 0) as roi,
    cast(spend as double) / nullif(attributed_new_customers, 0) as cac,
    case
        when attributed_margin > 0 then cast(costed_revenue as double) / attributed_margin
    end as break_even_roas
from measured
