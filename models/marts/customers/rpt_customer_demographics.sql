-- Groups of fewer customers than minimum_audience_size are merged into one, so that nobody can be
-- singled out.

with

customers as (
    select
        customer_id,
        coalesce(age_bracket, '(not set)') as age_bracket,
        coalesce(income_bracket, '(not set)') as income_bracket
    from {{ ref('dim_customers') }}
    where not is_deleted
),

group_sizes as (
    select
        age_bracket,
        income_bracket,
        count(*) >= {{ var('minimum_audience_size') }} as is_large
    from customers
    group by age_bracket, income_bracket
),

merged as (
    select
        customers.customer_id,
        case when group_sizes.is_large then customers.age_bracket else '(merged)' end
            as age_bracket,
        case when group_sizes.is_large then customers.income_bracket else '(merged)' end
            as income_bracket
    from customers
        inner join group_sizes
            on
                customers.age_bracket = group_sizes.age_bracket
                and customers.income_bracket = group_sizes.income_bracket
),

-- A shop's customers order in one currency or in several: amounts are converted order by order.
bought as (
    select
        customer_id,
        count(*) as orders,
        count(coupon) as coupon_orders,
        sum(net_sales_reporting) as net_sales,
        sum(cast(discounts * fx_rate as decimal(18, 2))) as discounts
    from {{ ref('fct_orders') }}
    where is_sale and customer_id is not null
    group by customer_id
)

select
    merged.age_bracket,
    merged.income_bracket,
    count(*) as customers,
    count(bought.customer_id) as buyers,
    cast(coalesce(sum(bought.orders), 0) as bigint) as orders,
    cast(coalesce(sum(bought.coupon_orders), 0) as bigint) as coupon_orders,
    cast(coalesce(sum(bought.net_sales), 0) as decimal(18, 2)) as net_sales,
    cast(coalesce(sum(bought.discounts), 0) as decimal(18, 2)) as discounts,
    cast(sum(bought.net_sales) as double) / nullif(count(bought.customer_id), 0)
        as net_sales_per_buyer
from merged
    left join bought
        on merged.customer_id = bought.customer_id
group by merged.age_bracket, merged.income_bracket
