-- One row per date on which events happened, whatever session they belong to.
select
    {{ store_date('event_at') }} as event_date,
    count(*) as event_count
from {{ ref('int_events_sessionized') }}
group by {{ store_date('event_at') }}
