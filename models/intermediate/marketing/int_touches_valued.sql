-- Pennies are divided as credit is, by largest remainder: each touch's are rounded down, and what
-- is left goes to the touches that lost most, the earlier one first. What is divided is sorted.

with

conversions as (
    select
        *,
        cast(revenue * 100 as decimal(20, 0)) as pennies
    from {{ ref('int_conversions_valued') }}
),

whole_pennies as (
    select
        credited.*,
        conversions.pennies,
        floor(conversions.pennies * credited.credit) as touch_pennies,
        conversions.pennies * credited.credit
        - floor(conversions.pennies * credited.credit) as penny_remainder
    from {{ ref('int_touches_credited') }} as credited
        inner join conversions
            on credited.conversion_number = conversions.conversion_number
),

ranked_pennies as (
    select
        *,
        pennies - sum(touch_pennies) over (
            partition by conversion_number, attribution_model
        ) as pennies_left,
        row_number() over (
            partition by conversion_number, attribution_model
            order by penny_remainder desc, touch_number asc
        ) as penny_rank
    from whole_pennies
    where is_divided
    union all
    select
        *,
        0 as pennies_left,
        1 as penny_rank
    from whole_pennies
    where not is_divided
)

select
    conversion_number,
    attribution_model,
    touch_number,
    credit,
    cast((
        touch_pennies + case when penny_rank <= pennies_left then 1 else 0 end
    ) * 0.01 as decimal(18, 2)) as attributed_revenue
from ranked_pennies
