{{ config(post_hook="{{ note_arrival() }}") }}
-- depends_on: {{ ref('stg_web__events') }}
-- The event files that this build reads, chosen once for all models after this one: those that the
-- ledger does not have yet (not a maximum of timestamps, because a file may arrive late as well),
-- and those that are read again. In a full refresh all.

with

event_files as (
    select source_file
    from {{ ref('stg_landing__files') }}
    where {{ is_event_table() }}
)

select event_files.source_file
from event_files
{%- if kept_state('int_events_sessionized') %}
where
    event_files.source_file in ({{ files_read_again() }})
    or event_files.source_file not in (
        select counted.source_file
        from {{ file_ledger() }} as counted
    )
{%- endif %}
