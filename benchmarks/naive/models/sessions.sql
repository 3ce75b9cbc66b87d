select
    visitor_id,
    session_number,
    min(event_at) as started_at,
    max(event_at) as ended_at,
    cast(min(event_at) as date) as session_date,
    count(*) as event_count,
    count(*) filter (where event_name = 'page_view') as page_views,
    min_by(page_url, event_at) as landing_page,
    max_by(page_url, event_at) as exit_page,
    min_by(coalesce(utm_source, page_referrer), event_at) as source,
    min_by(device_category, event_at) as device_category,
    min_by(country, event_at) as country,
    bool_or(event_name = 'purchase') as has_purchase
from {{ ref('events_with_sessions') }}
group by visitor_id, session_number
