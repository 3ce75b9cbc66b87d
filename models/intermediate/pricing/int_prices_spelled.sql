-- Of several prices on one day the last counts for the day. A price in another currency is taken at
-- the rate of its first day, so that a moving rate is no change of price.

with

prices as (
    {{ latest_rows('stg_shop__product_prices', ['variant_id', 'valid_from']) }}
),

dated as (
    select
        prices.*,
        {{ store_date('prices.valid_from') }} as price_date
    from prices
),

ranked as (
    select
        *,
        row_number() over (
            partition by variant_id, price_date order by valid_from desc
        ) as rank_on_day
    from dated
),

spells as (
    select
        *,
        coalesce(
            lead(price_date) over (partition by variant_id order by price_date),
            cast('9999-12-31' as date)
        ) as next_price_date
    from ranked
    where rank_on_day = 1
),

valued as (
    select
        spells.*,
        case
            when spells.currency <> reporting.reporting_currency then rates.rate
            else cast(1 as decimal(18, 8))
        end as fx_rate
    from spells
        cross join {{ ref('int_reporting_currency') }} as reporting
        left join {{ ref('int_currency_rates_valid') }} as rates
            on
                spells.currency = rates.currency
                and spells.price_date >= rates.valid_from
                and spells.price_date < rates.valid_to
)

select
    variant_id,
    price_date,
    next_price_date,
    cast(price * fx_rate as decimal(18, 2)) as price,
    cast(compare_at_price * fx_rate as decimal(18, 2)) as compare_at_price,
    cast(competitor_price * fx_rate as decimal(18, 2)) as competitor_price
from valued
