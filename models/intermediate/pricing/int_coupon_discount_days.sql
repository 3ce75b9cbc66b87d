-- The shop's units on days with and without the coupon, as far around its use as days are compared.
-- Codes of a few orders are left out: they are often made for one person.

with

lines as (
    select
        upper(trim(orders.coupon)) as coupon,
        orders.order_id,
        orders.order_date,
        lines.quantity,
        lines.line_value * orders.fx_rate as undiscounted_value,
        (lines.line_discount + allocated.order_discount) * orders.fx_rate as discount_given,
        coalesce(lines.unit_cost * orders.fx_rate, variants.unit_cost) as unit_cost
    from {{ ref('int_order_lines_priced') }} as lines
        inner join {{ ref('int_orders_latest') }} as orders
            on lines.order_id = orders.order_id
        inner join {{ ref('int_order_discounts_allocated') }} as allocated
            on lines.order_line_id = allocated.order_line_id
        inner join {{ ref('int_price_dates') }} as dates
            on orders.order_date = dates.price_date
        left join {{ ref('int_variants_known') }} as variants
            on lines.variant_id = variants.variant_id
    where lines.is_product and lines.is_sale and trim(orders.coupon) <> ''
),

coupons as (
    select
        coupon,
        min(order_date) as first_date,
        max(order_date) as last_date
    from lines
    group by coupon
    having count(distinct order_id) >= {{ var('minimum_audience_size') }}
),

used as (
    select
        coupon,
        order_date,
        sum(quantity) as discounted_units,
        sum(undiscounted_value) as undiscounted_value,
        sum(discount_given) as discount_given,
        sum(case when unit_cost is not null then quantity else 0 end) as costed_units,
        sum(case when unit_cost is not null then undiscounted_value - quantity * unit_cost end)
            as undiscounted_margin
    from lines
    group by coupon, order_date
),

sold as (
    select
        sales_date,
        sum(units) as units
    from {{ ref('int_units_sold_daily') }}
    group by sales_date
),

days as (
    select
        coupons.coupon,
        dates.price_date as sales_date
    from coupons
        inner join {{ ref('int_price_dates') }} as dates
            on
                {{ dbt.dateadd('day', -28, 'coupons.first_date') }} <= dates.price_date
                and {{ dbt.dateadd('day', 28, 'coupons.last_date') }} >= dates.price_date
),

dated as (
    select
        days.coupon,
        days.sales_date,
        used.discounted_units,
        used.discount_given,
        used.costed_units,
        used.undiscounted_margin,
        coalesce(sold.units, 0) as units,
        max(used.order_date) over (
            partition by days.coupon
            order by days.sales_date
            rows between unbounded preceding and current row
        ) as last_discount_date
    from days
        left join used
            on days.coupon = used.coupon and days.sales_date = used.order_date
        left join sold
            on days.sales_date = sold.sales_date
)

select
    coupon,
    sales_date,
    case
        when sales_date = last_discount_date then 'discounted'
        when sales_date <= {{ dbt.dateadd('day', 7, 'last_discount_date') }} then 'after'
        else 'usual'
    end as day_kind,
    units,
    discounted_units,
    discount_given,
    costed_units,
    undiscounted_margin
from dated
