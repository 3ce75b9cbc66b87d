{{ config(materialized='view', post_hook="{{ note_arrival() }}") }}
-- One row per event that this build adds: of the copies of an event the one that landed first
-- stays, and a copy that landed before the stored one takes its place. In a full refresh, all.
{%- do check_common_arrival([
    ref('int_event_files_arriving'), ref('int_events_incoming'), ref('int_event_copies'),
]) %}

select incoming.*
from {{ ref('int_events_incoming') }} as incoming
where {{ not_among(
    ['incoming._source_file', 'incoming._source_row'],
    'select source_file, source_row from ' ~ ref('int_event_copies')
) }}
