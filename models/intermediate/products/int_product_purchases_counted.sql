{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['session_date', 'item_id'],
    meta={'redone_by': ['session_date']}
) }}
-- One row per session date and item that was bought, robots left out. A purchase that comes again
-- later with the same transaction_id is one.

with

events as (
    select
        events.session_date,
        events.items
    from {{ redone(ref('int_purchase_events')) }} as events
        inner join {{ redone(ref('int_purchases_tracked')) }} as purchases
            on events.event_id = purchases.event_id
    where
        events.items is not null
        and {{ is_of_no_robot() }}
),

items as (
    {{ exploded_items('events', ['session_date']) }}
)

select
    session_date,
    item_id,
    count(*) as purchases,
    cast(sum(quantity) as bigint) as purchased_units,
    cast(coalesce(sum(quantity * price), 0) as decimal(18, 2)) as purchased_value
from items
where item_id is not null
group by session_date, item_id
