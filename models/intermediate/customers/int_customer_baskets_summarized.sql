-- One row per customer who bought goods: what was bought mostly, at what price level and how often
-- with a discount. Sums are decimals, so that they do not depend on the order of rows.

with

variants as (
    select
        variant_id,
        coalesce(category, '(none)') as category
    from {{ ref('int_variants_known') }}
),

sold as (
    select
        orders.customer_id,
        coalesce(variants.category, '(none)') as category,
        lines.quantity,
        cast(lines.gross_sales * orders.fx_rate as decimal(18, 2)) as gross_sales,
        lines.line_discount + allocated.order_discount > 0 as is_discounted
    from {{ ref('int_order_lines_priced') }} as lines
        inner join {{ ref('int_order_discounts_allocated') }} as allocated
            on lines.order_line_id = allocated.order_line_id
        inner join {{ ref('int_orders_latest') }} as orders
            on lines.order_id = orders.order_id
        left join variants
            on lines.variant_id = variants.variant_id
    where
        lines.is_product
        and lines.is_sale
        and lines.quantity > 0
        and orders.fx_rate is not null
),

prices as (
    select
        category,
        cast(sum(gross_sales) as double) / sum(quantity) as mean_price
    from sold
    group by category
),

by_category as (
    select
        sold.customer_id,
        sold.category,
        sum(sold.quantity) as units,
        sum(sold.gross_sales) as gross_sales,
        sum(case when sold.is_discounted then sold.gross_sales else 0 end) as discounted_sales,
        cast(
            cast(sum(sold.quantity) * max(prices.mean_price) as decimal(38, 8)) as decimal(38, 6)
        ) as usual_sales
    from sold
        inner join prices
            on sold.category = prices.category
    where sold.customer_id is not null
    group by sold.customer_id, sold.category
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id order by gross_sales desc, category asc
        ) as category_rank
    from by_category
),

summarized as (
    select
        customer_id,
        max(case when category_rank = 1 then category end) as main_category,
        cast(max(case when category_rank = 1 then gross_sales end) as double)
        / nullif(sum(gross_sales), 0) as main_category_share,
        round(cast(sum(gross_sales) as double) / nullif(sum(usual_sales), 0), 8) as price_index,
        cast(sum(discounted_sales) as double) / nullif(sum(gross_sales), 0) as discounted_share
    from ranked
    group by customer_id
)

select
    *,
    case
        when price_index < 0.8 then 'budget'
        when price_index > 1.25 then 'premium'
        when price_index is not null then 'usual'
    end as price_tier,
    case
        when discounted_share >= 0.5 then 'mostly discounted'
        when discounted_share > 0 then 'sometimes discounted'
        when discounted_share = 0 then 'full price'
    end as discount_affinity
from summarized
