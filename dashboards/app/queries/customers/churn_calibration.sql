select
    probability_bucket / 10 + 0.05 as predicted_chance,
    customers,
    predicted_lost_customers / nullif(customers, 0) as predicted_share,
    lost_customers / nullif(customers, 0) as lost_share,
    cutoff_date,
    horizon_days
from rpt_churn_calibration
order by probability_bucket
