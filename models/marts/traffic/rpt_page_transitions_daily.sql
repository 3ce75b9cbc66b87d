{{ config(materialized='view') }}
-- A view, because it only renames what is stored by day.
select
    session_date as report_date,
    from_page,
    to_page,
    sessions,
    loop_sessions,
    loops,
    case when to_page = '(exit)' then sessions else 0 end as exits
from {{ ref('int_page_transitions_counted') }}
