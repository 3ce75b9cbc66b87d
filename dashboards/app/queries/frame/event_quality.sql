select
    report_date as day,
    cast(sum(landed_events) as bigint) as landed_events,
    cast(sum(duplicate_events) as bigint) as duplicate_events,
    cast(sum(late_events) as bigint) as late_events,
    cast(sum(sessions) as bigint) as sessions,
    cast(sum(bot_sessions) as bigint) as bot_sessions,
    cast(sum(loaded_events) as bigint) as loaded_events,
    cast(sum(rejected_events) as bigint) as rejected_events,
    cast(sum(rejected_rows) as bigint) as rejected_rows
from rpt_data_quality_daily
where report_date between $start and $end
group by report_date
order by report_date
