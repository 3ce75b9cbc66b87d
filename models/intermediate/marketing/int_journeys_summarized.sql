-- group_path is the path in what Markov and Shapley compare: channels unless a var says otherwise.

select
    journey_id,
    conversion_id,
    person_id,
    max(touch_count) as touch_count,
    min(session_start_at) as first_touch_at,
    max(session_start_at) as last_touch_at,
    max(seconds_before_end) as seconds_to_end,
    max(case when touch_number = 1 then channel end) as first_channel,
    max(case when touch_number = touch_count then channel end) as last_channel,
    {{ joined_text('channel', ' > ', 'touch_number') }} as path,
    {{ joined_text('touch_group', ' > ', 'touch_number') }} as group_path
from {{ ref('int_journey_touches') }}
group by journey_id, conversion_id, person_id
