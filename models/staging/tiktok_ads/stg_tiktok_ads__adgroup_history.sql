select
    adgroup_id,
    nullif(campaign_id, '') as campaign_id,
    nullif(advertiser_id, '') as account_id
from (
    {{ newest_history('tiktok_ads', 'adgroup_history', 'adgroup_id', 'updated_at') }}
) as ad_groups
