with

prices as (
    {{ latest_rows('stg_shop__product_prices', ['variant_id', 'valid_from']) }}
),

as_of as (
    select as_of_at from {{ ref('int_as_of') }}
),

current_prices as (
    select
        prices.variant_id,
        prices.price,
        prices.compare_at_price,
        prices.currency,
        row_number() over (
            partition by prices.variant_id order by prices.valid_from desc
        ) as price_rank
    from prices
        cross join as_of
    where prices.valid_from <= as_of.as_of_at
)

select
    variants.variant_id,
    variants.product_id,
    variants.sku,
    variants.title,
    variants.brand,
    variants.category,
    variants.supplier,
    variants.created_at,
    variants.unit_cost,
    variants.lead_time_days,
    variants.lead_time_sd_days,
    variants.is_in_catalogue,
    current_prices.price as current_price,
    current_prices.compare_at_price,
    current_prices.currency as price_currency
from {{ ref('int_variants_known') }} as variants
    left join current_prices
        on
            variants.variant_id = current_prices.variant_id
            and current_prices.price_rank = 1
