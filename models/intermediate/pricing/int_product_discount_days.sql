-- Days in stock only. The week after a discount is no usual one: what was bought ahead is missing.

with

days as (
    select
        *,
        max(case when is_promoted then price_date end) over (
            partition by variant_id
            order by price_date
            rows between unbounded preceding and current row
        ) as last_discount_date
    from {{ ref('int_prices_daily') }}
)

select
    product_id,
    variant_id,
    price_date as sales_date,
    case
        when is_promoted then 'discounted'
        when price_date <= {{ dbt.dateadd('day', 7, 'last_discount_date') }} then 'after'
        else 'usual'
    end as day_kind,
    price,
    unit_cost,
    units
from days
where is_in_stock
