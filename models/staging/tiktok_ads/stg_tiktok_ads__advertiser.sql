select
    id as account_id,
    nullif(currency, '') as currency
from (
    {{ newest_history('tiktok_ads', 'advertiser', 'id', '_fivetran_synced') }}
) as accounts
