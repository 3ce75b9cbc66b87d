select
    id as campaign_id,
    nullif(account_id, '') as account_id,
    nullif(name, '') as campaign_name,
    cast(null as {{ dbt.type_string() }}) as utm_source,
    cast(null as {{ dbt.type_string() }}) as utm_medium,
    cast(null as {{ dbt.type_string() }}) as utm_campaign
from (
    {{ newest_history('facebook_ads', 'campaign_history', 'id', 'updated_time') }}
) as campaigns
