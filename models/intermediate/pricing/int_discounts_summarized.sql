with

days as (
    select
        matched.*,
        matched.day_kind = 'discounted' and matched.baseline_units is not null as is_compared,
        matched.day_kind = 'after' and matched.baseline_units is not null as is_compared_after,
        case
            when matched.subject_kind = 'coupon' then coupons.discounted_units else matched.units
        end as discounted_units,
        case
            when matched.subject_kind = 'coupon' then coupons.discount_given
            else matched.units * greatest(matched.baseline_price - products.price, 0)
        end as discount_given,
        case
            when matched.subject_kind = 'coupon' then coupons.costed_units
            when products.unit_cost is not null then matched.units
        end as costed_units,
        case
            when matched.subject_kind = 'coupon' then coupons.undiscounted_margin
            else matched.units * (matched.baseline_price - products.unit_cost)
        end as undiscounted_margin
    from {{ ref('int_discount_days_matched') }} as matched
        left join {{ ref('int_product_discount_days') }} as products
            on
                matched.subject_kind = 'product'
                and matched.series_id = products.variant_id
                and matched.sales_date = products.sales_date
        left join {{ ref('int_coupon_discount_days') }} as coupons
            on
                matched.subject_kind = 'coupon'
                and matched.series_id = coupons.coupon
                and matched.sales_date = coupons.sales_date
)

select
    subject_kind,
    subject_id,
    count(case when day_kind = 'discounted' then 1 end) as discount_days,
    count(case when is_compared then 1 end) as compared_days,
    sum(case when is_compared then units end) as units,
    sum(case when is_compared then discounted_units end) as discounted_units,
    sum(case when is_compared then baseline_units end) as baseline_units,
    sum(case when is_compared then discount_given end) as discount_given,
    cast(sum(case when is_compared then undiscounted_margin end) as double)
    / nullif(sum(case when is_compared then costed_units end), 0) as undiscounted_unit_margin,
    sum(case when is_compared_after then baseline_units - units end) as pull_forward_units
from days
group by subject_kind, subject_id
