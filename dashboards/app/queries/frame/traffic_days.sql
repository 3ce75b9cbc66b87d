-- First and last day with sessions; null in a shop without events.
select
    min(report_date) as oldest,
    max(report_date) as newest
from rpt_traffic_daily
