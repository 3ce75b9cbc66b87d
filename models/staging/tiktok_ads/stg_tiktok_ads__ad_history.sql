with

ads as (
    {{ newest_history('tiktok_ads', 'ad_history', 'ad_id', 'updated_at') }}
)

select
    ad_id,
    nullif(adgroup_id, '') as adgroup_id,
    nullif(campaign_id, '') as campaign_id,
    nullif(advertiser_id, '') as account_id,
    {{ utm_parameter('landing_page_url', 'utm_source') }} as utm_source,
    {{ utm_parameter('landing_page_url', 'utm_medium') }} as utm_medium,
    {{ utm_parameter('landing_page_url', 'utm_campaign') }} as utm_campaign
from ads
