-- A session ends on one page, so that exits add up to the sessions with page views.
select
    from_page as page,
    cast(sum(exits) as bigint) as exits,
    sum(exits) / nullif(sum(sum(exits)) over (), 0) as exit_share
from rpt_page_transitions_daily
where report_date between $start and $end and to_page = '(exit)'
group by from_page
order by exits desc, page asc
limit 200
