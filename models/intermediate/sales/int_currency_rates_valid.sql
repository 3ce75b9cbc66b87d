-- One row per currency and span of days for which its rate holds: until the next rate.

with

rates as (
    {{ latest_rows('stg_shop__fx_rates', ['rate_date', 'currency']) }}
)

select
    currency,
    rate_date as valid_from,
    coalesce(
        lead(rate_date) over (partition by currency order by rate_date),
        cast('9999-12-31' as date)
    ) as valid_to,
    rate
from rates
