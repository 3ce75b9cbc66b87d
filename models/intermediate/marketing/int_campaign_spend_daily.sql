-- Campaigns are those of the links' utm parameters, with the channel that a session gets from them.

select
    spending.spend_date,
    channels.channel,
    channels.source,
    channels.medium,
    channels.campaign,
    cast(sum(spending.impressions) as bigint) as impressions,
    cast(sum(spending.clicks) as bigint) as clicks,
    cast(sum(spending.spend) as decimal(18, 2)) as spend,
    count(*) - count(spending.spend) as unconverted_spend_rows
from {{ ref('int_ad_spend_converted') }} as spending
    inner join {{ ref('int_channels_classified') }} as channels
        on
            channels.source_kind = 'utm'
            and spending.raw_source = channels.raw_source
            and spending.raw_medium = channels.raw_medium
            and spending.raw_campaign = channels.raw_campaign
group by
    spending.spend_date,
    channels.channel,
    channels.source,
    channels.medium,
    channels.campaign
