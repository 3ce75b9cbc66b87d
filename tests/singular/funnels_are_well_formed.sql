select funnel_name
from {{ ref('funnels') }}
group by funnel_name
having
    min(step_number) <> 1
    or max(step_number) <> count(*)
    or count(distinct step_number) <> count(*)
    or min(scope) <> max(scope)
    or count(distinct coalesce(window_hours, -1)) > 1
