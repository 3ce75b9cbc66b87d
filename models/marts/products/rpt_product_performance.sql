-- Weeks are counted back from the as-of date, and begin when the variant is first seen.
{%- set window_days = var('product_performance_days') %}
{%- set fewest_weeks = 8 %}

with

dated as (
    select
        product_days.*,
        {{ dbt.datediff('report_date', store_date('as_of.as_of_at'), 'day') }} as days_ago
    from {{ ref('rpt_product_daily') }} as product_days
        cross join {{ ref('int_as_of') }} as as_of
),

daily as (
    select
        *,
        cast(floor(days_ago / 7) as bigint) as week_number,
        cast(floor(
            least(max(days_ago) over (partition by variant_id) + 1, {{ window_days }}) / 7
        ) as bigint) as weeks
    from dated
    where days_ago >= 0
),

weekly as (
    select
        variant_id,
        weeks,
        week_number,
        cast(sum(units) as bigint) as units
    from daily
    where week_number < weeks and weeks >= {{ fewest_weeks }}
    group by variant_id, weeks, week_number
),

-- sd / mean = sqrt(n · Σu² − (Σu)²) / Σu: whole numbers up to the root, and no row for empty weeks.
variations as (
    select
        variant_id,
        sqrt(cast(max(weeks) * sum(units * units) - sum(units) * sum(units) as double))
        / nullif(sum(units), 0) as weekly_units_variation
    from weekly
    group by variant_id
),

totals as (
    select
        variant_id,
        product_id,
        cast(sum(views) as bigint) as views,
        cast(sum(add_to_carts) as bigint) as add_to_carts,
        cast(sum(purchases) as bigint) as purchases,
        cast(sum(units) as bigint) as units,
        cast(sum(returned_units) as bigint) as returned_units,
        cast(sum(net_sales) as decimal(18, 2)) as net_sales,
        cast(sum(returns) as decimal(18, 2)) as returns,
        cast(sum(cost_of_goods) as double) / nullif(sum(costed_units), 0) as unit_cost,
        cast(sum(costed_units) as bigint) as costed_units,
        greatest(sum(net_sales), 0) as revenue
    from daily
    where days_ago < {{ window_days }}
    group by variant_id, product_id
),

ranked as (
    select
        *,
        cast(sum(revenue) over () as double) as all_revenue,
        cast(sum(revenue) over (
            order by revenue desc, variant_id asc
            rows between unbounded preceding and current row
        ) as double) as cumulative_revenue
    from totals
)

select
    ranked.variant_id,
    ranked.product_id,
    ranked.views,
    ranked.add_to_carts,
    ranked.purchases,
    ranked.units,
    ranked.returned_units,
    ranked.net_sales,
    ranked.returns,
    cast(ranked.returned_units as double) / nullif(ranked.units, 0) as unit_return_rate,
    cast(ranked.returns as double)
    / nullif(ranked.net_sales + ranked.returns, 0) as value_return_rate,
    cast(ranked.net_sales as double) / nullif(ranked.views, 0) as net_sales_per_view,
    cast(ranked.add_to_carts as double) / nullif(ranked.views, 0) as view_to_cart_rate,
    cast(ranked.purchases as double) / nullif(ranked.add_to_carts, 0) as cart_to_purchase_rate,
    ratings.average_rating,
    coalesce(ratings.review_count, 0) as review_count,
    ratings.bayesian_rating,
    {{ as_decimal(
        'ranked.net_sales - ranked.unit_cost * (ranked.units - ranked.returned_units)'
    ) }} as margin,
    cast(ranked.costed_units as double) / nullif(ranked.units, 0) as cost_coverage,
    cast(ranked.revenue as double) / nullif(ranked.all_revenue, 0) as revenue_share,
    ranked.cumulative_revenue / nullif(ranked.all_revenue, 0) as cumulative_revenue_share,
    case
        when ranked.revenue <= 0 then 'C'
        when ranked.cumulative_revenue - ranked.revenue < 0.80 * ranked.all_revenue then 'A'
        when ranked.cumulative_revenue - ranked.revenue < 0.95 * ranked.all_revenue then 'B'
        else 'C'
    end as abc_class,
    variations.weekly_units_variation,
    case
        when variations.weekly_units_variation < 0.5 then 'X'
        when variations.weekly_units_variation <= 1 then 'Y'
        when variations.weekly_units_variation > 1 then 'Z'
    end as xyz_class
from ranked
    left join {{ ref('int_products_rated') }} as ratings
        on ranked.product_id = ratings.product_id
    left join variations
        on ranked.variant_id = variations.variant_id
