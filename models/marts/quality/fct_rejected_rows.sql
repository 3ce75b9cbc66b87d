{{ config(materialized='view') }}
-- One row per row that no other mart could take, with the reason. A view, because what it shows is
-- stored where it was found.

select
    source_table,
    source_file,
    source_row,
    loaded_at,
    row_key,
    reason,
    raw
from {{ ref('int_events_rejected') }}
union all
select
    source_table,
    source_file,
    source_row,
    loaded_at,
    row_key,
    reason,
    raw
from {{ ref('int_rows_checked') }}
where reason is not null
union all
select
    source_table,
    source_file,
    source_row,
    loaded_at,
    row_key,
    reason,
    raw
from {{ ref('int_rows_waiting') }}
