{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['event_id'],
    meta={'redone_by': ['visitor_id', 'session_date']}
) }}
-- Purchases are few among the events, and copies of one may be of any session: they are kept apart,
-- so that finding the first copy does not read all events.

select
    event_id,
    event_at,
    session_date,
    visitor_id,
    session_start_at,
    transaction_id,
    value,
    currency,
    items,
    _source_file
from {{ redone(ref('int_events_sessionized')) }}
where event_name = 'purchase'
