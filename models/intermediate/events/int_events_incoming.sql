{{ config(materialized='view', post_hook="{{ note_arrival() }}") }}
-- One row per good row of the event files that this build reads: new ones, in a full refresh all.
-- Rejected rows are known by their place, so that nothing is checked twice. A view: who reads it
-- reads few columns, and no copy of them would be cheaper than the files.
{%- do check_common_arrival([ref('int_event_files_arriving'), ref('int_events_rejected')]) %}

select incoming.*
from {{ ref('stg_web__events') }} as incoming
where
    incoming.superseded_by is null
    {%- if kept_events() %}
    and incoming._source_file in ({{ new_event_files() }})
    {%- endif %}
    and {{ not_among(
        ['incoming._source_file', 'incoming._source_row'],
        'select source_file, source_row from ' ~ ref('int_events_rejected')
    ) }}
