-- A week in which the price changes gives a row per price. Days out of stock are left out: demand
-- was not seen on them.

select
    variant_id,
    product_id,
    category,
    cast({{ dbt.date_trunc('week', 'price_date') }} as date) as week_start_date,
    price,
    is_promoted,
    cast(sum(units) as bigint) as units,
    count(*) as days_in_stock
from {{ ref('int_prices_daily') }}
where is_in_stock
group by
    variant_id,
    product_id,
    category,
    cast({{ dbt.date_trunc('week', 'price_date') }} as date),
    price,
    is_promoted
