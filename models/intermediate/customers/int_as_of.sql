-- One row: the moment that every open state is judged by, from the data and never from the clock:
-- the var, or the newest order, refund or event.
{%- set given_moment = "cast('" ~ var('as_of') ~ "' as timestamp)" %}

with

moments as (
    select max(ordered_at) as moment from {{ ref('int_orders_latest') }}
    union all
    select max(refunded_at) as moment from {{ ref('int_refunds_latest') }}
    union all
    select max(session_end_at) as moment from {{ ref('int_sessions_summarized') }}
)

select max({{ given_moment if var('as_of') else 'moment' }}) as as_of_at
from moments
