{{ config(materialized='view') }}
-- Weights are whole numbers that count against each other within a conversion, so that no sum of
-- them depends on the order of rows. A view: eight times the touches, read once.
{%- set unit = 1000000000 %}
{%- set half_life_days = 7 %}

with

models as (
    {{ attribution_models() }}
),

-- What the group is worth is shared by the touches of the group.
touches as (
    select
        touches.*,
        sources.touch_group,
        max(case when sources.channel <> 'Direct' then touches.touch_number end) over (
            partition by touches.conversion_number
        ) as last_non_direct_number,
        count(*) over (
            partition by touches.conversion_number, sources.touch_group
        ) as group_touch_count
    from {{ ref('int_journey_touches') }} as touches
        inner join {{ ref('int_sources_numbered') }} as sources
            on touches.source_number = sources.source_number
    where touches.conversion_number is not null
)

select
    touches.conversion_number,
    models.attribution_model,
    touches.touch_number,
    cast(case models.attribution_model
        when 'first' then case when touches.touch_number = 1 then 1 else 0 end
        when 'last' then case when touches.touch_number = touches.touch_count then 1 else 0 end
        when 'last_non_direct'
            then
                case
                    when
                        touches.touch_number
                        = coalesce(touches.last_non_direct_number, touches.touch_count)
                        then 1
                    else 0
                end
        when 'linear' then 1
        -- 40 % for both ends and 20 % for all between: 2 (n - 2) against 1.
        when 'position'
            then
                case
                    when touches.touch_count <= 2 then 1
                    when touches.touch_number in (1, touches.touch_count)
                        then 2 * (touches.touch_count - 2)
                    else 1
                end
        when 'time_decay'
            then
                greatest(1, round(
                    {{ unit }} * power(
                        0.5, touches.seconds_before_end / (86400 * {{ half_life_days }})
                    ), 0
                ))
        -- Markov and Shapley: the factors of the groups in the journey.
        else greatest(1, round({{ unit }} * effects.factor / touches.group_touch_count, 0))
    end as bigint) as weight
from touches
    cross join models
    left join {{ ref('int_touch_groups_credited') }} as effects
        on
            touches.touch_group = effects.touch_group
            and models.attribution_model = effects.attribution_model
