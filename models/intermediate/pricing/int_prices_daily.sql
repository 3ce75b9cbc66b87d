-- A shop that crosses out prices says itself what a promotion is; else it is a price far below the
-- variant's usual one.

with

priced as (
    select
        dates.price_date,
        spells.variant_id,
        spells.price,
        spells.compare_at_price,
        spells.competitor_price
    from {{ ref('int_prices_spelled') }} as spells
        inner join {{ ref('int_price_dates') }} as dates
            on
                spells.price_date <= dates.price_date
                and spells.next_price_date > dates.price_date
    where spells.price > 0
),

usual as (
    select
        variant_id,
        cast(median(cast(price as double)) as decimal(18, 3)) as usual_price,
        max(case when compare_at_price > price then 1 else 0 end) as has_crossed_out
    from priced
    group by variant_id
),

-- A product has one category, so that its variants are compared with the same peers.
variants as (
    select
        variant_id,
        product_id,
        unit_cost,
        coalesce(max(category) over (partition by product_id), '(none)') as category
    from {{ ref('int_variants_known') }}
),

shop as (
    select coalesce(max(has_crossed_out), 0) = 1 as crosses_out from usual
)

select
    priced.price_date,
    priced.variant_id,
    variants.product_id,
    variants.category,
    variants.unit_cost,
    priced.price,
    priced.competitor_price,
    case
        when shop.crosses_out then coalesce(priced.compare_at_price > priced.price, false)
        else priced.price < 0.85 * usual.usual_price
    end as is_promoted,
    coalesce(stock.on_hand, 1) > 0 as is_in_stock,
    coalesce(sold.units, 0) as units
from priced
    inner join variants
        on priced.variant_id = variants.variant_id
    inner join usual
        on priced.variant_id = usual.variant_id
    cross join shop
    -- In stock is what the day began with: what the evening before left.
    left join {{ ref('int_variant_stock_counted') }} as stock
        on
            priced.variant_id = stock.variant_id
            and priced.price_date = {{ dbt.dateadd('day', 1, 'stock.snapshot_date') }}
    left join {{ ref('int_units_sold_daily') }} as sold
        on priced.variant_id = sold.variant_id and priced.price_date = sold.sales_date
