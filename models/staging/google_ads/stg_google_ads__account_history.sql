select
    id as account_id,
    nullif(currency_code, '') as currency,
    concat_ws('&', nullif(tracking_url_template, ''), nullif(final_url_suffix, '')) as links
from (
    {{ newest_history('google_ads', 'account_history', 'id', 'updated_at') }}
) as accounts
