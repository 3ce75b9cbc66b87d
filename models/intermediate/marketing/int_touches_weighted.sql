{{ config(materialized='view') }}
-- Weights are whole numbers that count against each other within a conversion, so that no sum of
-- them depends on the order of rows. They are added up while a touch is one row, not eight. A view:
-- eight times the touches, read once.
{%- set unit = 1000000000 %}
{%- set half_life_days = 7 %}

with

models as (
    {{ attribution_models() }}
),

touches as (
    select
        touches.*,
        sources.touch_group,
        coalesce(
            max(case when sources.channel <> 'Direct' then touches.touch_number end) over (
                partition by touches.conversion_number
            ),
            touches.touch_count
        ) as last_non_direct_number,
        count(*) over (
            partition by touches.conversion_number, sources.touch_group
        ) as group_touch_count
    from {{ ref('int_journey_touches') }} as touches
        inner join {{ ref('int_sources_numbered') }} as sources
            on touches.source_number = sources.source_number
    where touches.conversion_number is not null
),

-- Of Markov and Shapley the factors of the journey's groups, which the touches of a group share.
weighted as (
    select
        touches.*,
        -- 40 % for both ends and 20 % for all between: 2 (n - 2) against 1.
        case
            when touches.touch_count > 2 and touches.touch_number in (1, touches.touch_count)
                then 2 * (touches.touch_count - 2)
            else 1
        end as position_weight,
        {%- for model in ['markov', 'shapley'] %}
        cast(greatest(
            1, round({{ unit }} * {{ model }}.factor / touches.group_touch_count, 0)
        ) as bigint) as {{ model }}_weight,
        {%- endfor %}
        cast(greatest(1, round({{ unit }} * power(
            0.5, touches.seconds_before_end / (86400 * {{ half_life_days }})
        ), 0)) as bigint) as time_decay_weight
    from touches
        left join {{ ref('int_touch_groups_credited') }} as markov
            on
                touches.touch_group = markov.touch_group
                and markov.attribution_model = 'markov'
        left join {{ ref('int_touch_groups_credited') }} as shapley
            on
                touches.touch_group = shapley.touch_group
                and shapley.attribution_model = 'shapley'
),

added_up as (
    select
        *,
        sum(position_weight) over conversion as position_total,
        sum(time_decay_weight) over conversion as time_decay_total,
        sum(markov_weight) over conversion as markov_total,
        sum(shapley_weight) over conversion as shapley_total
    from weighted
    window conversion as (partition by conversion_number)
)

select
    added_up.conversion_number,
    models.attribution_model,
    added_up.touch_number,
    cast(case models.attribution_model
        when 'first' then case when added_up.touch_number = 1 then 1 else 0 end
        when 'last' then case when added_up.touch_number = added_up.touch_count then 1 else 0 end
        when 'last_non_direct'
            then case when added_up.touch_number = added_up.last_non_direct_number then 1 else 0 end
        when 'linear' then 1
        {%- for model in ['position', 'time_decay', 'markov', 'shapley'] %}
        when '{{ model }}' then added_up.{{ model }}_weight
        {%- endfor %}
    end as bigint) as weight,
    cast(case models.attribution_model
        when 'linear' then added_up.touch_count
        {%- for model in ['position', 'time_decay', 'markov', 'shapley'] %}
        when '{{ model }}' then added_up.{{ model }}_total
        {%- endfor %}
        else 1
    end as bigint) as total_weight
from added_up
    cross join models
