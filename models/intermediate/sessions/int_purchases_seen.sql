-- One row per tracker and purchase that it saw: also of trackers whose visits another one counts. A
-- purchase without a transaction_id cannot be compared and is left out.

with

files as (
    select distinct
        source_file,
        source_table
    from {{ ref('int_event_files_counted') }}
),

seen as (
    select
        files.source_table,
        events.transaction_id,
        events.event_at
    from {{ ref('int_events_sessionized') }} as events
        inner join files
            on events._source_file = files.source_file
    where events.event_name = 'purchase' and events.transaction_id is not null
    union all
    select
        _source_table as source_table,
        transaction_id,
        event_at
    from {{ ref('stg_web__events') }}
    where
        event_name = 'purchase'
        and transaction_id is not null
        and rejection_reason is null
        and superseded_by is not null
)

select
    {{ dbt.split_part('source_table', "'.'", 1) }} as tracker,
    transaction_id,
    min(event_at) as seen_at
from seen
group by {{ dbt.split_part('source_table', "'.'", 1) }}, transaction_id
