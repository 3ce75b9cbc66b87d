-- What an ad's own link does not carry, its campaign's or account's link may.
with

ads as (
    {{ newest_history('google_ads', 'ad_history', 'id', 'updated_at') }}
),

ad_groups as (
    {{ newest_history('google_ads', 'ad_group_history', 'id', 'updated_at') }}
),

linked as (
    select
        ads.id as ad_id,
        ad_groups.campaign_id,
        concat_ws(
            '&',
            nullif(ads.final_urls, ''),
            nullif(ads.tracking_url_template, ''),
            nullif(ads.final_url_suffix, ''),
            campaigns.links
        ) as links
    from ads
        left join ad_groups
            on ads.ad_group_id = ad_groups.id
        left join {{ ref('stg_google_ads__campaign_history') }} as campaigns
            on ad_groups.campaign_id = campaigns.campaign_id
)

select
    ad_id,
    campaign_id,
    {{ utm_parameter('links', 'utm_source') }} as utm_source,
    {{ utm_parameter('links', 'utm_medium') }} as utm_medium,
    {{ utm_parameter('links', 'utm_campaign') }} as utm_campaign
from linked
