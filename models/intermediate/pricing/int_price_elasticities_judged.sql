with

variants as (
    select
        category,
        product_id,
        variant_id,
        count(distinct case when units > 0 then price end) as distinct_prices,
        count(*) as observations,
        sum(units) as units,
        min(price) as lowest_price,
        max(price) as highest_price
    from {{ ref('int_price_weeks_summarized') }}
    group by category, product_id, variant_id
),

days as (
    select
        product_id,
        price_date,
        price,
        lag(price) over (partition by variant_id order by price_date) as price_before
    from {{ ref('int_prices_daily') }}
),

changes as (
    select
        product_id,
        count(distinct price_date) as price_changes
    from days
    where price <> price_before
    group by product_id
),

products as (
    select
        variants.category,
        variants.product_id,
        max(variants.distinct_prices) as distinct_prices,
        coalesce(max(changes.price_changes), 0) as price_changes,
        sum(variants.observations) as observations,
        sum(variants.units) as units,
        min(variants.lowest_price) as lowest_price,
        max(variants.highest_price) as highest_price
    from variants
        left join changes
            on variants.product_id = changes.product_id
    group by variants.category, variants.product_id
),

evidence as (
    select
        'product' as estimate_level,
        products.*
    from products
    union all
    select
        'category' as estimate_level,
        category,
        cast(null as {{ dbt.type_string() }}) as product_id,
        max(distinct_prices) as distinct_prices,
        sum(price_changes) as price_changes,
        sum(observations) as observations,
        sum(units) as units,
        min(lowest_price) as lowest_price,
        max(highest_price) as highest_price
    from products
    group by category
)

select
    evidence.*,
    estimates.elasticity,
    estimates.standard_error,
    case
        when estimates.elasticity is null then 'no sales'
        when evidence.distinct_prices < 2 then 'sold at fewer than two prices'
        when abs(estimates.elasticity) < estimates.standard_error then 'smaller than its error'
    end as withheld_reason
from evidence
    left join {{ ref('int_price_elasticities_estimated') }} as estimates
        on
            evidence.estimate_level = estimates.estimate_level
            and evidence.category = estimates.category
            and evidence.product_id is not distinct from estimates.product_id
