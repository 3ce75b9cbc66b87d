select
    id as account_id,
    nullif(currency, '') as currency
from (
    {{ newest_history('facebook_ads', 'account_history', 'id', '_fivetran_synced') }}
) as accounts
