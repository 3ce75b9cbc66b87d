-- Counts of the period; classes, rating and margin are those of the last product_performance_days days.
with period as (
    select
        variant_id,
        cast(sum(views) as bigint) as views,
        cast(sum(add_to_carts) as bigint) as add_to_carts,
        cast(sum(purchases) as bigint) as purchases,
        cast(sum(units) as bigint) as units,
        cast(sum(returned_units) as bigint) as returned_units,
        sum(net_sales) as net_sales
    from rpt_product_daily
    where report_date between $start and $end
    group by variant_id
)

select
    period.variant_id,
    products.title,
    products.category,
    performance.abc_class,
    performance.xyz_class,
    period.views,
    period.add_to_carts / nullif(period.views, 0) as view_to_cart_rate,
    period.purchases / nullif(period.add_to_carts, 0) as cart_to_purchase_rate,
    period.units,
    period.returned_units / nullif(period.units, 0) as unit_return_rate,
    period.net_sales,
    performance.margin / nullif(performance.net_sales, 0) as margin_share,
    performance.bayesian_rating
from period
    left join dim_products as products on period.variant_id = products.variant_id
    left join rpt_product_performance as performance
        on period.variant_id = performance.variant_id
order by period.net_sales desc, period.variant_id asc
limit 500
