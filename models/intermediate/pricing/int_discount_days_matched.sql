-- The baseline of a day: the mean of the usual days on the same weekday up to four weeks before and
-- after it.

with

days as (
    select
        'product' as subject_kind,
        product_id as subject_id,
        variant_id as series_id,
        sales_date,
        day_kind,
        units,
        price
    from {{ ref('int_product_discount_days') }}
    union all
    select
        'coupon' as subject_kind,
        coupon as subject_id,
        coupon as series_id,
        sales_date,
        day_kind,
        units,
        cast(null as decimal(18, 2)) as price
    from {{ ref('int_coupon_discount_days') }}
),

weeks as (
    {{ number_series(8) }}
),

-- The days that a usual day is compared with.
compared as (
    select
        days.subject_kind,
        days.series_id,
        days.units,
        days.price,
        cast({{ dbt.dateadd('day', '7 * (weeks.number - 4)', 'days.sales_date') }} as date)
            as compared_date
    from days
        cross join weeks
    where days.day_kind = 'usual'
),

baselines as (
    select
        subject_kind,
        series_id,
        compared_date,
        cast(cast(sum(units) as double) / count(*) as decimal(18, 10)) as baseline_units,
        cast(cast(sum(price) as double) / count(*) as decimal(18, 10)) as baseline_price
    from compared
    group by subject_kind, series_id, compared_date
)

select
    days.subject_kind,
    days.subject_id,
    days.series_id,
    days.sales_date,
    days.day_kind,
    days.units,
    baselines.baseline_units,
    baselines.baseline_price
from days
    left join baselines
        on
            days.subject_kind = baselines.subject_kind
            and days.series_id = baselines.series_id
            and days.sales_date = baselines.compared_date
where days.day_kind <> 'usual'
