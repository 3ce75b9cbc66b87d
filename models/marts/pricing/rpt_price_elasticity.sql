-- The price with the highest margin under a constant elasticity is cost × elasticity / (1 +
-- elasticity), where demand is surely elastic and the price was tried: nothing is extrapolated.

with

current_days as (
    select
        product_id,
        cast(sum(price) as double) / count(price) as current_price,
        cast(sum(unit_cost) as double) / nullif(count(unit_cost), 0) as unit_cost
    from {{ ref('int_prices_daily') }}
    where price_date = (select {{ store_date('as_of_at') }} from {{ ref('int_as_of') }})
    group by product_id
),

judged as (
    select
        elasticities.*,
        {{ as_decimal('current_days.current_price') }} as current_price,
        {{ as_decimal('current_days.unit_cost') }} as unit_cost,
        case
            when elasticities.elasticity < -1
                then
                    current_days.unit_cost * elasticities.elasticity
                    / nullif(1 + elasticities.elasticity, 0)
        end as best_price
    from {{ ref('int_price_elasticities_judged') }} as elasticities
        left join current_days
            on elasticities.product_id = current_days.product_id
    where elasticities.estimate_level = 'product'
),

reasoned as (
    select
        *,
        case
            when withheld_reason is not null then 'elasticity withheld'
            when elasticity + 1.96 * standard_error >= -1 then 'not surely below -1'
            when best_price is null then 'cost unknown'
            when best_price < lowest_price then 'below every price tried'
            when best_price > highest_price then 'above every price tried'
        end as optimal_price_withheld_reason
    from judged
)

select
    product_id,
    category,
    case when withheld_reason is null then elasticity end as elasticity,
    standard_error,
    cast(observations as bigint) as observations,
    cast(units as bigint) as units,
    cast(price_changes as bigint) as price_changes,
    cast(distinct_prices as bigint) as distinct_prices,
    withheld_reason is null as is_published,
    withheld_reason,
    current_price,
    unit_cost,
    lowest_price,
    highest_price,
    case when optimal_price_withheld_reason is null then {{ as_decimal('best_price') }} end
        as optimal_price,
    optimal_price_withheld_reason
from reasoned
