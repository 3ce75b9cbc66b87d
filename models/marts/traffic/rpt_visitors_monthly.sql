-- Distinct visitors do not add up, and to count them anew takes every session of the month.

select
    cast({{ dbt.date_trunc('month', 'session_date') }} as date) as report_month,
    count(*) as sessions,
    count(distinct visitor_id) as visitors,
    count(case when is_first_session then 1 end) as new_visitors
from {{ ref('fct_sessions') }}
where not is_bot
group by cast({{ dbt.date_trunc('month', 'session_date') }} as date)
