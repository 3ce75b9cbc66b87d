-- First and last day with sales; null in a shop without orders.
select
    min(report_date) as oldest,
    max(report_date) as newest
from rpt_sales_daily
