select
    channel,
    attribution_model,
    attributed_orders,
    attributed_revenue,
    attributed_revenue / nullif(sum(attributed_revenue) over model, 0) as revenue_share,
    spend,
    roas,
    cac
from rpt_channel_attribution
where len($channels) = 0 or list_contains($channels, channel)
window model as (partition by attribution_model)
order by channel, attribution_model
