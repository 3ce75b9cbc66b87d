{{ config(materialized='view') }}
-- A billion units of credit are divided by largest remainder: each touch's are rounded down, and
-- what is left goes to the touches that lost most, the earlier one first. A view, as weights are.
{%- set unit = 1000000000 %}

with

-- Weights and the unit are at most a billion: their product is a whole number of 64 bits. Most
-- touches get all or nothing: what is divided alone is sorted.
whole_units as (
    select
        conversion_number,
        attribution_model,
        touch_number,
        weight > 0 and weight < total_weight as is_divided,
        weight * {{ unit }} % total_weight as remainder,
        cast(round(
            (weight * {{ unit }} - weight * {{ unit }} % total_weight) / total_weight, 0
        ) as bigint) as units
    from {{ ref('int_touches_weighted') }}
),

ranked as (
    select
        *,
        {{ unit }} - sum(units) over (
            partition by conversion_number, attribution_model
        ) as units_left,
        row_number() over divided as remainder_rank
    from whole_units
    where is_divided
    window divided as (
        partition by conversion_number, attribution_model
        order by remainder desc, touch_number asc
    )
),

credited as (
    select
        conversion_number,
        attribution_model,
        touch_number,
        is_divided,
        units + case when remainder_rank <= units_left then 1 else 0 end as units
    from ranked
    union all
    select
        conversion_number,
        attribution_model,
        touch_number,
        is_divided,
        units
    from whole_units
    where not is_divided
)

select
    conversion_number,
    attribution_model,
    touch_number,
    is_divided,
    cast(cast(units as decimal(20, 0)) / {{ unit }} as decimal(10, 9)) as credit
from credited
