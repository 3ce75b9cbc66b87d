{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['purchase_id'],
    meta={'redone_by': []}
) }}
-- One row per purchase that tracking saw: a purchase repeated with the same transaction_id is one,
-- in the session that sent it first. Without a transaction_id every purchase event is its own.

with

purchase_events as (
    select
        event_id,
        event_at,
        session_date,
        visitor_id,
        session_start_at,
        transaction_id,
        coalesce(value, 0) as value,
        currency,
        coalesce(transaction_id, event_id) as purchase_id
    from {{ ref('int_purchase_events') }}
),

ranked as (
    select
        *,
        row_number() over (partition by purchase_id order by event_at, event_id) as copy_number
    from purchase_events
)

select
    purchase_id,
    event_id,
    transaction_id,
    event_at as purchased_at,
    session_date,
    visitor_id,
    session_start_at,
    value,
    currency
from ranked
where copy_number = 1
