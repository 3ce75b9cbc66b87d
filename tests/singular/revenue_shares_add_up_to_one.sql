select
    sum(revenue_share) as all_shares,
    max(cumulative_revenue_share) as last_share
from {{ ref('rpt_product_performance') }}
having
    abs(sum(revenue_share) - 1) > 0.000001
    or abs(max(cumulative_revenue_share) - 1) > 0.000001
