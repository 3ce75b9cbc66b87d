with

campaigns as (
    {{ newest_history('microsoft_ads', 'campaign_history', 'id', 'modified_time') }}
),

linked as (
    select
        id as campaign_id,
        nullif(name, '') as campaign_name,
        concat_ws('&', nullif(tracking_template, ''), nullif(final_url_suffix, '')) as links
    from campaigns
)

select
    campaign_id,
    campaign_name,
    links,
    {{ utm_parameter('links', 'utm_source') }} as utm_source,
    {{ utm_parameter('links', 'utm_medium') }} as utm_medium,
    {{ utm_parameter('links', 'utm_campaign') }} as utm_campaign
from linked
