-- Only campaigns with spend in the period: revenue that cost nothing is no return on spend.
with days as (
    select
        *,
        sum(spend) over (partition by channel, source, medium, campaign) as spend_of_campaign
    from rpt_campaign_daily
    where
        report_date between $start and $end
        and (len($channels) = 0 or list_contains($channels, channel))
)

select
    report_date as day,
    coalesce(sum(spend), 0) as spend,
    cast(sum(clicks) as bigint) as clicks,
    cast(sum(sessions) as bigint) as sessions,
    sum(attributed_orders) as attributed_orders,
    sum(attributed_new_customers) as attributed_new_customers,
    coalesce(sum(attributed_revenue), 0) as attributed_revenue,
    sum(attributed_margin) as attributed_margin,
    cast(sum(unconverted_spend_rows) as bigint) as unconverted_spend_rows
from days
where spend_of_campaign > 0
group by report_date
order by report_date
