-- Small, so that everything derived by day can ask cheaply which days changed.
select
    session_date,
    max(day_version) as day_version
from {{ ref('int_events_sessionized') }}
group by session_date
