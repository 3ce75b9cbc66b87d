-- Every channel with sessions or spend has a row under every model, so that spend without revenue
-- keeps its row.

with

models as (
    {{ attribution_models() }}
),

traffic as (
    select
        channel,
        cast(sum(spend) as decimal(18, 2)) as spend,
        cast(sum(unconverted_spend_rows) as bigint) as unconverted_spend_rows,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(sessions) as bigint) as sessions
    from {{ ref('int_campaign_traffic_daily') }}
    group by channel
),

credited as (
    select
        credits.channel,
        credits.attribution_model,
        sum(credits.credit) as orders,
        sum(case when credits.attributed_revenue is null then credits.credit else 0 end)
            as unvalued_orders,
        sum(case when journeys.is_first_order then credits.credit else 0 end) as new_customers,
        sum(credits.attributed_revenue) as attributed_revenue,
        sum(case when journeys.margin is not null then credits.attributed_revenue end)
            as costed_revenue,
        sum(credits.credit * journeys.margin) as attributed_margin
    from {{ ref('fct_attribution') }} as credits
        inner join {{ ref('fct_journeys') }} as journeys
            on credits.conversion_id = journeys.conversion_id
    group by credits.channel, credits.attribution_model
),

measured as (
    select
        traffic.channel,
        models.attribution_model,
        case when traffic.unconverted_spend_rows = 0 then traffic.spend end as spend,
        traffic.unconverted_spend_rows,
        traffic.clicks,
        traffic.sessions,
        cast(coalesce(credited.orders, 0) as decimal(18, 9)) as attributed_orders,
        cast(coalesce(credited.unvalued_orders, 0) as decimal(18, 9)) as unvalued_orders,
        cast(coalesce(credited.new_customers, 0) as decimal(18, 9)) as attributed_new_customers,
        cast(
            case
                when credited.orders > 0 then credited.attributed_revenue
                else 0
            end as decimal(18, 2)
        ) as attributed_revenue,
        cast(coalesce(credited.costed_revenue, 0) as decimal(18, 2)) as costed_revenue,
        cast(
            case
                when credited.orders > 0 then credited.attributed_margin
                else 0
            end as decimal(18, 2)
        ) as attributed_margin
    from traffic
        cross join models
        left join credited
            on
                traffic.channel = credited.channel
                and models.attribution_model = credited.attribution_model
)

select
    *,
    cast(attributed_revenue as double) / nullif(spend, 0) as roas,
    cast(attributed_margin - spend as double) / nullif(spend, 0) as roi,
    cast(spend as double) / nullif(attributed_new_customers, 0) as cac,
    case
        when attributed_margin > 0 then cast(costed_revenue as double) / attributed_margin
    end as break_even_roas
from measured
