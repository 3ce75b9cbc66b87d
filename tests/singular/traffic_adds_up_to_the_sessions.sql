with

sessions as (
    select
        session_date,
        count(*) as sessions,
        sum(page_view_count) as page_views,
        sum(net_revenue) as net_revenue
    from {{ ref('fct_sessions') }}
    where not is_bot
    group by session_date
),

traffic as (
    select
        report_date,
        sum(sessions) as sessions,
        sum(engaged_sessions + bounces) as engaged_or_bounced,
        sum(page_views) as page_views,
        sum(net_revenue) as net_revenue
    from {{ ref('rpt_traffic_daily') }}
    group by report_date
)

select
    sessions.session_date,
    sessions.sessions,
    traffic.sessions as reported_sessions
from sessions
    full outer join traffic
        on sessions.session_date = traffic.report_date
where
    sessions.sessions is distinct from traffic.sessions
    or traffic.sessions <> traffic.engaged_or_bounced
    or sessions.page_views is distinct from traffic.page_views
    or sessions.net_revenue is distinct from traffic.net_revenue
