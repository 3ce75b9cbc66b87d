with names as (
    select
        product_id,
        min(title) as title
    from dim_products
    group by product_id
)

select
    coalesce(names.title, prices.product_id) as title,
    prices.category,
    prices.elasticity,
    prices.standard_error,
    prices.elasticity - 1.96 * prices.standard_error as ci_low,
    prices.elasticity + 1.96 * prices.standard_error as ci_high,
    prices.units,
    prices.price_changes,
    prices.current_price,
    prices.optimal_price,
    prices.optimal_price_withheld_reason
from rpt_price_elasticity as prices
    left join names on prices.product_id = names.product_id
where prices.is_published
order by prices.standard_error, title
limit 100
