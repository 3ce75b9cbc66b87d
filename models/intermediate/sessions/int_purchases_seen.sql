-- One row per tracker and purchase that it saw: also of trackers whose visits another one counts. A
-- purchase without a transaction_id cannot be compared and is left out.

with

files as (
    select
        source_name as tracker,
        source_file
    from {{ ref('stg_landing__files') }}
    where {{ is_event_table() }}
),

seen as (
    select
        files.tracker,
        events.transaction_id,
        events.event_at
    from {{ ref('int_purchase_events') }} as events
        inner join files
            on events._source_file = files.source_file
    where events.transaction_id is not null
    union all
    select
        {{ dbt.split_part('source_table', "'.'", 1) }} as tracker,
        transaction_id,
        event_at
    from {{ ref('int_purchases_superseded') }}
)

select
    tracker,
    transaction_id,
    min(event_at) as seen_at
from seen
group by tracker, transaction_id
