-- What a basket costs here against what it costs at the competitor; the basket is what was sold in
-- the last four weeks, so that a week without sales of a variant does not drop it.

with

days as (
    select
        *,
        cast({{ dbt.date_trunc('week', 'price_date') }} as date) as week_start_date,
        competitor_price > 0 as is_compared
    from {{ ref('int_prices_daily') }}
),

weeks as (
    select
        week_start_date,
        variant_id,
        category,
        sum(units) as units,
        count(case when is_compared then 1 end) as compared_days,
        sum(case when is_compared then price end) as price_sum,
        sum(case when is_compared then competitor_price end) as competitor_price_sum
    from days
    group by week_start_date, variant_id, category
),

baskets as (
    select
        *,
        sum(units) over (
            partition by variant_id
            order by week_start_date
            rows between 3 preceding and current row
        ) as recent_units
    from weeks
),

-- Decimals, so that the sums do not depend on the order of rows.
compared as (
    select
        *,
        cast(
            cast(recent_units * price_sum as double) / nullif(compared_days, 0) as decimal(18, 6)
        ) as own_value,
        cast(
            cast(recent_units * competitor_price_sum as double) / nullif(compared_days, 0)
            as decimal(18, 6)
        ) as competitor_value
    from baskets
)

select
    week_start_date,
    category,
    count(*) as variants,
    count(case when compared_days > 0 then 1 end) as compared_variants,
    count(case when price_sum < competitor_price_sum then 1 end) as cheaper_variants,
    cast(sum(recent_units) as bigint) as basket_units,
    cast(sum(case when compared_days > 0 then recent_units else 0 end) as bigint)
        as compared_units,
    cast(sum(own_value) as double) / nullif(cast(sum(competitor_value) as double), 0)
        as price_index
from compared
group by week_start_date, category
