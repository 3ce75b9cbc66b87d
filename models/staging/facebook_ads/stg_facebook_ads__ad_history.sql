-- Meta puts the tags of a creative behind its links, where they are the ones that count.
with

ads as (
    {{ newest_history('facebook_ads', 'ad_history', 'id', 'updated_time') }}
),

creatives as (
    {{ newest_history('facebook_ads', 'creative_history', 'id', '_fivetran_synced') }}
),

linked as (
    select
        ads.id as ad_id,
        nullif(ads.ad_set_id, '') as ad_set_id,
        nullif(ads.campaign_id, '') as campaign_id,
        nullif(ads.account_id, '') as account_id,
        concat_ws(
            '&',
            nullif(creatives.url_tags, ''),
            nullif(creatives.page_link, ''),
            nullif(creatives.object_story_link_data_link, ''),
            nullif(creatives.template_page_link, '')
        ) as links
    from ads
        left join creatives
            on ads.creative_id = creatives.id
)

select
    ad_id,
    ad_set_id,
    campaign_id,
    account_id,
    {{ utm_parameter('links', 'utm_source') }} as utm_source,
    {{ utm_parameter('links', 'utm_medium') }} as utm_medium,
    {{ utm_parameter('links', 'utm_campaign') }} as utm_campaign
from linked
