select
    visitor_id,
    session_start_at,
    count(*) as order_count,
    cast(sum(net_revenue) as decimal(18, 2)) as net_revenue
from {{ ref('int_purchases_valued') }}
group by visitor_id, session_start_at
