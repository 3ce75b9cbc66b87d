select
    id as ad_set_id,
    nullif(campaign_id, '') as campaign_id,
    nullif(account_id, '') as account_id
from (
    {{ newest_history('facebook_ads', 'ad_set_history', 'id', 'updated_time') }}
) as ad_sets
