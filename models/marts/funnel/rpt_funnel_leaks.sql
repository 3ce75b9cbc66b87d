select
    cast(date_trunc('month', sessions.session_date) as date) as entry_month,
    followed.funnel_name,
    funnels.step_number,
    funnels.step_name,
    coalesce(sessions.country, '(not set)') as country,
    coalesce(sessions.landing_page, '(not set)') as landing_page,
    count(*) as reached,
    count(case when followed.is_waiting then 1 end) as waiting,
    count(case when followed.is_lost then 1 end) as lost,
    cast(
        coalesce(sum(case when followed.is_lost then followed.step_value end), 0)
        as decimal(18, 2)
    ) as lost_value
from {{ ref('int_funnel_entries_followed') }} as followed
    inner join {{ ref('funnels') }} as funnels
        on
            followed.funnel_name = funnels.funnel_name
            and followed.step_number = funnels.step_number
    inner join {{ ref('fct_sessions') }} as sessions
        on followed.entry_session_id = sessions.session_id
group by
    cast(date_trunc('month', sessions.session_date) as date),
    followed.funnel_name,
    funnels.step_number,
    funnels.step_name,
    coalesce(sessions.country, '(not set)'),
    coalesce(sessions.landing_page, '(not set)')
