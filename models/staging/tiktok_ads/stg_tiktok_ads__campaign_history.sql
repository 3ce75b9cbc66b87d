select
    campaign_id,
    nullif(advertiser_id, '') as account_id,
    nullif(campaign_name, '') as campaign_name,
    cast(null as {{ dbt.type_string() }}) as utm_source,
    cast(null as {{ dbt.type_string() }}) as utm_medium,
    cast(null as {{ dbt.type_string() }}) as utm_campaign
from (
    {{ newest_history('tiktok_ads', 'campaign_history', 'campaign_id', 'updated_at') }}
) as campaigns
