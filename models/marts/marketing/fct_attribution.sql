-- Credits and pennies are divided by largest remainder: each is rounded down, and what is left
-- goes to the touches that lost most, the earlier one first.
{%- set unit = 1000000000 %}

with

scaled as (
    select
        *,
        weight * {{ unit }} as share,
        cast(sum(weight) over (
            partition by conversion_id, attribution_model
        ) as bigint) as total_weight
    from {{ ref('int_touches_weighted') }}
),

-- Weights and the unit are at most a billion: their product is a whole number of 64 bits.
whole_units as (
    select
        *,
        share % total_weight as remainder,
        cast((share - share % total_weight) / total_weight as bigint) as units
    from scaled
),

ranked as (
    select
        *,
        {{ unit }} - sum(units) over (
            partition by conversion_id, attribution_model
        ) as units_left,
        row_number() over (
            partition by conversion_id, attribution_model
            order by remainder desc, touch_number asc
        ) as remainder_rank
    from whole_units
),

credited as (
    select
        ranked.*,
        conversions.order_id,
        conversions.person_id,
        conversions.conversion_date,
        cast(conversions.revenue * 100 as decimal(20, 0)) as pennies,
        cast(
            cast(
                ranked.units + case
                    when ranked.remainder_rank <= ranked.units_left then 1 else 0
                end as decimal(20, 0)
            ) / {{ unit }} as decimal(10, 9)
        ) as credit
    from ranked
        inner join {{ ref('int_conversions_valued') }} as conversions
            on ranked.conversion_id = conversions.conversion_id
),

whole_pennies as (
    select
        *,
        floor(pennies * credit) as touch_pennies,
        pennies * credit - floor(pennies * credit) as penny_remainder
    from credited
),

ranked_pennies as (
    select
        *,
        pennies - sum(touch_pennies) over (
            partition by conversion_id, attribution_model
        ) as pennies_left,
        row_number() over (
            partition by conversion_id, attribution_model
            order by penny_remainder desc, touch_number asc
        ) as penny_rank
    from whole_pennies
)

select
    conversion_id,
    session_id,
    attribution_model,
    order_id,
    person_id,
    conversion_date,
    touch_number,
    channel,
    source,
    medium,
    campaign,
    credit,
    cast(
        (touch_pennies + case when penny_rank <= pennies_left then 1 else 0 end) * 0.01
        as decimal(18, 2)
    ) as attributed_revenue
from ranked_pennies
