select
    from_page,
    to_page,
    cast(sum(sessions) as bigint) as sessions,
    cast(sum(loop_sessions) as bigint) as loop_sessions,
    sum(loop_sessions) / nullif(sum(sessions), 0) as loop_share
from rpt_page_transitions_daily
where report_date between $start and $end and to_page <> '(exit)'
group by from_page, to_page
order by sessions desc, from_page asc, to_page asc
limit 200
