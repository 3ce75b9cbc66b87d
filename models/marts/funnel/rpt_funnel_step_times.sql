select
    cast(date_trunc('month', sessions.session_date) as date) as entry_month,
    followed.funnel_name,
    funnels.step_number,
    funnels.step_name,
    count(*) as reached,
    {{ rounded(
        'percentile_cont(0.5) within group (order by followed.seconds_from_previous)', 3
    ) }} as p50_seconds,
    {{ rounded(
        'percentile_cont(0.9) within group (order by followed.seconds_from_previous)', 3
    ) }} as p90_seconds
from {{ ref('int_funnel_entries_followed') }} as followed
    inner join {{ ref('funnels') }} as funnels
        on
            followed.funnel_name = funnels.funnel_name
            and followed.step_number = funnels.step_number
    inner join {{ ref('fct_sessions') }} as sessions
        on followed.entry_session_id = sessions.session_id
where followed.step_number > 1
group by
    cast(date_trunc('month', sessions.session_date) as date),
    followed.funnel_name,
    funnels.step_number,
    funnels.step_name
