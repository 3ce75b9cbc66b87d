with

campaigns as (
    {{ newest_history('google_ads', 'campaign_history', 'id', 'updated_at') }}
),

linked as (
    select
        campaigns.id as campaign_id,
        nullif(campaigns.name, '') as campaign_name,
        concat_ws(
            '&',
            nullif(campaigns.tracking_url_template, ''),
            nullif(campaigns.final_url_suffix, ''),
            accounts.links
        ) as links
    from campaigns
        left join {{ ref('stg_google_ads__account_history') }} as accounts
            on campaigns.customer_id = accounts.account_id
)

select
    campaign_id,
    campaign_name,
    links,
    {{ utm_parameter('links', 'utm_source') }} as utm_source,
    {{ utm_parameter('links', 'utm_medium') }} as utm_medium,
    {{ utm_parameter('links', 'utm_campaign') }} as utm_campaign
from linked
