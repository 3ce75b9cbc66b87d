{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['person_id', 'journey_number'],
    meta={'redone_by': ['person_id'], 'named_by_content': ['int_sources_numbered']}
) }}
-- A journey is a conversion's, or that of a person without one. Most journeys are of one touch,
-- which is their path: only the others have an order, and putting things in order is what costs.

with

touches as (
    select
        journey_touches.*,
        sources.channel,
        sources.touch_group
    from {{ redone(ref('int_journey_touches')) }} as journey_touches
        inner join {{ ref('int_sources_numbered') }} as sources
            on journey_touches.source_number = sources.source_number
)

select
    person_id,
    conversion_number,
    journey_number,
    touch_count,
    session_start_at as first_touch_at,
    session_start_at as last_touch_at,
    seconds_before_end as seconds_to_end,
    channel as first_channel,
    channel as last_channel,
    channel as path,
    touch_group as group_path
from touches
where touch_count = 1
union all
select
    person_id,
    conversion_number,
    journey_number,
    max(touch_count) as touch_count,
    min(session_start_at) as first_touch_at,
    max(session_start_at) as last_touch_at,
    max(seconds_before_end) as seconds_to_end,
    max(case when touch_number = 1 then channel end) as first_channel,
    max(case when touch_number = touch_count then channel end) as last_channel,
    {{ joined_text('channel', ' > ', 'touch_number') }} as path,
    {{ joined_text('touch_group', ' > ', 'touch_number') }} as group_path
from touches
where touch_count > 1
group by person_id, conversion_number, journey_number
