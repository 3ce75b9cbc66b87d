select
    channel,
    source,
    medium,
    campaign,
    coalesce(sum(spend), 0) as spend,
    cast(sum(impressions) as bigint) as impressions,
    cast(sum(clicks) as bigint) as clicks,
    cast(sum(sessions) as bigint) as sessions,
    sum(attributed_orders) as attributed_orders,
    sum(attributed_new_customers) as attributed_new_customers,
    coalesce(sum(attributed_revenue), 0) as attributed_revenue,
    sum(attributed_revenue) / nullif(sum(spend), 0) as roas,
    (sum(attributed_margin) - sum(spend)) / nullif(sum(spend), 0) as roi,
    sum(spend) / nullif(sum(attributed_new_customers), 0) as cac
from rpt_campaign_daily
where
    report_date between $start and $end
    and (len($channels) = 0 or list_contains($channels, channel))
group by channel, source, medium, campaign
order by spend desc, attributed_revenue desc, channel asc, source asc, medium asc, campaign asc
limit 300
