select
    category,
    case when withheld_reason is null then elasticity end as elasticity,
    standard_error,
    cast(observations as bigint) as observations,
    cast(units as bigint) as units,
    cast(price_changes as bigint) as price_changes,
    cast(distinct_prices as bigint) as distinct_prices,
    withheld_reason is null as is_published,
    withheld_reason
from {{ ref('int_price_elasticities_judged') }}
where estimate_level = 'category'
