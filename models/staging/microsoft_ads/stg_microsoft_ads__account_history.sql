select
    id as account_id,
    nullif(currency_code, '') as currency
from (
    {{ newest_history('microsoft_ads', 'account_history', 'id', 'last_modified_time') }}
) as accounts
