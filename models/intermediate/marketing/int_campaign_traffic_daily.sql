with

counted as (
    select
        session_date,
        source_number,
        count(*) as sessions
    from {{ ref('int_sessions_sourced') }}
    where touch_number is not null
    group by session_date, source_number
),

visited as (
    select
        counted.session_date,
        sources.channel,
        sources.source,
        sources.medium,
        sources.campaign,
        counted.sessions
    from counted
        inner join {{ ref('int_sources_numbered') }} as sources
            on counted.source_number = sources.source_number
)

select
    coalesce(spending.spend_date, visited.session_date) as traffic_date,
    coalesce(spending.channel, visited.channel) as channel,
    coalesce(spending.source, visited.source) as source,
    coalesce(spending.medium, visited.medium) as medium,
    coalesce(spending.campaign, visited.campaign) as campaign,
    case
        when coalesce(spending.unconverted_spend_rows, 0) = 0 then coalesce(spending.spend, 0)
    end as spend,
    coalesce(spending.unconverted_spend_rows, 0) as unconverted_spend_rows,
    coalesce(spending.impressions, 0) as impressions,
    coalesce(spending.clicks, 0) as clicks,
    coalesce(visited.sessions, 0) as sessions
from {{ ref('int_campaign_spend_daily') }} as spending
    full outer join visited
        on
            spending.spend_date = visited.session_date
            and spending.channel = visited.channel
            and spending.source = visited.source
            and spending.medium = visited.medium
            and spending.campaign = visited.campaign
