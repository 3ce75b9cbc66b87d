-- What an ad's own link does not carry, its campaign's link may.
with

ads as (
    {{ newest_history('microsoft_ads', 'ad_history', 'id', 'modified_time') }}
),

ad_groups as (
    {{ newest_history('microsoft_ads', 'ad_group_history', 'id', 'modified_time') }}
),

linked as (
    select
        ads.id as ad_id,
        ad_groups.campaign_id,
        concat_ws(
            '&',
            nullif(ads.final_url, ''),
            nullif(ads.tracking_template, ''),
            nullif(ads.final_url_suffix, ''),
            campaigns.links
        ) as links
    from ads
        left join ad_groups
            on ads.ad_group_id = ad_groups.id
        left join {{ ref('stg_microsoft_ads__campaign_history') }} as campaigns
            on ad_groups.campaign_id = campaigns.campaign_id
)

select
    ad_id,
    campaign_id,
    {{ utm_parameter('links', 'utm_source') }} as utm_source,
    {{ utm_parameter('links', 'utm_medium') }} as utm_medium,
    {{ utm_parameter('links', 'utm_campaign') }} as utm_campaign
from linked
