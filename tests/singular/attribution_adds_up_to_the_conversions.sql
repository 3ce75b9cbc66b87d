-- Per conversion: eight models, each with credits of 1 and the conversion's revenue; and no
-- conversion without a journey.
with

attributed as (
    select
        conversion_id,
        attribution_model,
        sum(credit) as credit,
        sum(attributed_revenue) as revenue
    from {{ ref('fct_attribution') }}
    group by conversion_id, attribution_model
),

checked as (
    select
        conversions.conversion_id,
        count(attributed.attribution_model) as models,
        count(
            case
                when
                    abs(attributed.credit - 1) <= 0.000000001
                    and attributed.revenue is not distinct from conversions.revenue
                    then 1
            end
        ) as sound_models
    from {{ ref('int_conversions_valued') }} as conversions
        left join attributed
            on conversions.conversion_id = attributed.conversion_id
    group by conversions.conversion_id
)

select *
from checked
where models <> 8 or sound_models <> 8
