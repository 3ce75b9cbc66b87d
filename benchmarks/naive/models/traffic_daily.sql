select
    session_date,
    source,
    device_category,
    country,
    count(*) as sessions,
    count(distinct visitor_id) as visitors,
    sum(page_views) as page_views,
    count(*) filter (where has_purchase) as sessions_with_purchase
from {{ ref('sessions') }}
group by session_date, source, device_category, country
