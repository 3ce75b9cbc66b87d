select
    cohort_month,
    month_number,
    cohort_size,
    customers,
    customers / nullif(cohort_size, 0) as retention,
    net_sales,
    is_month_over
from rpt_cohort_retention
where is_observed
order by cohort_month desc, month_number asc
limit 600
