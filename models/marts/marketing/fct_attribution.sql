-- Credits and pennies are divided by largest remainder: each is rounded down, and what is left
-- goes to the touches that lost most, the earlier one first.
{%- set unit = 1000000000 %}

with

conversions as (
    select
        *,
        cast(revenue * 100 as decimal(20, 0)) as pennies
    from {{ ref('int_conversions_valued') }}
),

scaled as (
    select
        *,
        weight * {{ unit }} as share,
        cast(sum(weight) over (
            partition by conversion_number, attribution_model
        ) as bigint) as total_weight
    from {{ ref('int_touches_weighted') }}
),

-- Weights and the unit are at most a billion: their product is a whole number of 64 bits.
whole_units as (
    select
        conversion_number,
        attribution_model,
        touch_number,
        share % total_weight as remainder,
        cast(round((share - share % total_weight) / total_weight, 0) as bigint) as units
    from scaled
),

ranked as (
    select
        *,
        {{ unit }} - sum(units) over (
            partition by conversion_number, attribution_model
        ) as units_left,
        row_number() over divided as remainder_rank
    from whole_units
    window divided as (
        partition by conversion_number, attribution_model
        order by remainder desc, touch_number asc
    )
),

credited as (
    select
        ranked.conversion_number,
        ranked.attribution_model,
        ranked.touch_number,
        conversions.pennies,
        cast(
            cast(
                ranked.units + case
                    when ranked.remainder_rank <= ranked.units_left then 1 else 0
                end as decimal(20, 0)
            ) / {{ unit }} as decimal(10, 9)
        ) as credit
    from ranked
        inner join conversions
            on ranked.conversion_number = conversions.conversion_number
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
            partition by conversion_number, attribution_model
        ) as pennies_left,
        row_number() over divided as penny_rank
    from whole_pennies
    window divided as (
        partition by conversion_number, attribution_model
        order by penny_remainder desc, touch_number asc
    )
)

select
    conversions.conversion_id,
    touches.session_id,
    ranked_pennies.attribution_model,
    conversions.order_id,
    conversions.person_id,
    conversions.conversion_date,
    ranked_pennies.touch_number,
    sources.channel,
    sources.source,
    sources.medium,
    sources.campaign,
    ranked_pennies.credit,
    cast((
        ranked_pennies.touch_pennies
        + case when ranked_pennies.penny_rank <= ranked_pennies.pennies_left then 1 else 0 end
    ) * 0.01 as decimal(18, 2)) as attributed_revenue
from ranked_pennies
    inner join conversions
        on ranked_pennies.conversion_number = conversions.conversion_number
    inner join {{ ref('int_journey_touches') }} as touches
        on
            ranked_pennies.conversion_number = touches.conversion_number
            and ranked_pennies.touch_number = touches.touch_number
    inner join {{ ref('int_sources_numbered') }} as sources
        on touches.source_number = sources.source_number
