-- A journey ends at a conversion, or for a person without any at the last touch, and holds the
-- touches of the look-back before its end. A touch can lead to several conversions: as in GA4 a
-- conversion does not end the look-back of the next one.

with

converted as (
    select distinct person_id from {{ ref('int_conversions_valued') }}
),

endings as (
    select
        'conversion:' || conversion_id as journey_id,
        conversion_id,
        person_id,
        converted_at as ended_at
    from {{ ref('int_conversions_valued') }}
    union all
    select
        touches.person_id as journey_id,
        cast(null as {{ dbt.type_string() }}) as conversion_id,
        touches.person_id,
        max(touches.session_start_at) as ended_at
    from {{ ref('int_touchpoints_sourced') }} as touches
        left join converted
            on touches.person_id = converted.person_id
    where converted.person_id is null
    group by touches.person_id
)

select
    endings.journey_id,
    endings.conversion_id,
    endings.person_id,
    touches.session_id,
    touches.session_start_at,
    row_number() over (
        partition by endings.journey_id order by touches.session_start_at, touches.session_id
    ) as touch_number,
    count(*) over (partition by endings.journey_id) as touch_count,
    touches.channel,
    touches.source,
    touches.medium,
    touches.campaign,
    replace(touches.{{ var('attribution_dimension') }}, ' > ', ' / ') as touch_group,
    {{ seconds_between('touches.session_start_at', 'endings.ended_at') }} as seconds_before_end
from endings
    inner join {{ ref('int_touchpoints_sourced') }} as touches
        on
            endings.person_id = touches.person_id
            and endings.ended_at >= touches.session_start_at
            and endings.ended_at <= touches.session_start_at
            + interval '{{ var("attribution_lookback_days") }}' day
