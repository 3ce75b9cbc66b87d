with

followed as (
    select * from {{ ref('int_funnel_entries_followed') }}
),

entries as (
    select
        followed.funnel_name,
        followed.entrant_id,
        sessions.session_date as report_date,
        sessions.channel,
        coalesce(sessions.device_category, '(not set)') as device_category,
        coalesce(sessions.country, '(not set)') as country
    from followed
        inner join {{ ref('fct_sessions') }} as sessions
            on followed.entry_session_id = sessions.session_id
    where followed.step_number = 1
)

select
    entries.report_date,
    entries.funnel_name,
    funnels.step_number,
    funnels.step_name,
    entries.channel,
    entries.device_category,
    entries.country,
    count(*) as entrants,
    count(followed.entrant_id) as reached,
    count(case when followed.is_waiting then 1 end) as waiting,
    count(case when followed.is_lost then 1 end) as lost,
    cast(
        coalesce(sum(case when followed.is_lost then followed.step_value end), 0)
        as decimal(18, 2)
    ) as lost_value
from entries
    inner join {{ ref('funnels') }} as funnels
        on entries.funnel_name = funnels.funnel_name
    left join followed
        on
            entries.funnel_name = followed.funnel_name
            and entries.entrant_id = followed.entrant_id
            and funnels.step_number = followed.step_number
group by
    entries.report_date,
    entries.funnel_name,
    funnels.step_number,
    funnels.step_name,
    entries.channel,
    entries.device_category,
    entries.country
