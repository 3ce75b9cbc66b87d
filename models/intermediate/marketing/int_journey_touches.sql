{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['person_id', 'session_id', 'journey_number'], meta={'redone_by': ['person_id']}
) }}
-- A journey ends at a conversion, or for a person without any at the last touch, and holds the
-- touches of the look-back before its end. A touch can lead to several conversions: as in GA4 a
-- conversion does not end the look-back of the next one.

with

touches as (
    select * from {{ redone(ref('int_sessions_sourced')) }}
    where touch_number is not null
),

converted as (
    select distinct person_id from {{ redone(ref('int_conversions_valued')) }}
),

endings as (
    select
        conversion_number,
        person_id,
        converted_at as ended_at
    from {{ redone(ref('int_conversions_valued')) }}
    union all
    select
        cast(null as bigint) as conversion_number,
        touches.person_id,
        max(touches.session_start_at) as ended_at
    from touches
        left join converted
            on touches.person_id = converted.person_id
    where converted.person_id is null
    group by touches.person_id
),

within_look_back as (
    select
        endings.conversion_number,
        endings.person_id,
        touches.session_id,
        touches.session_start_at,
        touches.source_number,
        touches.touch_number as person_touch_number,
        {{ seconds_between('touches.session_start_at', 'endings.ended_at') }} as seconds_before_end
    from endings
        inner join touches
            on
                endings.person_id = touches.person_id
                and endings.ended_at >= touches.session_start_at
                and endings.ended_at <= touches.session_start_at
                + interval '{{ var("attribution_lookback_days") }}' day
)

select
    conversion_number,
    coalesce(conversion_number, 0) as journey_number,
    person_id,
    session_id,
    session_start_at,
    source_number,
    seconds_before_end,
    cast(row_number() over (
        partition by person_id, conversion_number order by person_touch_number
    ) as bigint) as touch_number,
    count(*) over (partition by person_id, conversion_number) as touch_count
from within_look_back
