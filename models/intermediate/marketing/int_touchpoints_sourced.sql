with

touches as (
    select
        sessions.session_id,
        persons.person_id,
        sessions.visitor_id,
        visitors.customer_id,
        sessions.session_date,
        sessions.session_start_at,
        coalesce(sourced.channel, 'Direct') as channel,
        coalesce(sourced.source, '(direct)') as source,
        coalesce(sourced.medium, '(none)') as medium,
        coalesce(sourced.campaign, '(not set)') as campaign,
        sessions.device_category,
        sessions.country
    from {{ ref('int_sessions_summarized') }} as sessions
        inner join {{ ref('int_session_persons') }} as persons
            on
                sessions.visitor_id = persons.visitor_id
                and sessions.session_start_at = persons.session_start_at
        left join {{ ref('int_sessions_sourced') }} as sourced
            on
                sessions.visitor_id = sourced.visitor_id
                and sessions.session_start_at = sourced.session_start_at
        left join {{ ref('int_visitors_identified') }} as visitors
            on sessions.visitor_id = visitors.visitor_id
    where not sessions.is_bot
),

-- A touch that is not direct begins a run; the direct ones after it belong to its run.
numbered as (
    select
        *,
        row_number() over (
            partition by person_id order by session_start_at, session_id
        ) as touch_number,
        count(case when channel <> 'Direct' then 1 end) over (
            partition by person_id order by session_start_at, session_id
            rows between unbounded preceding and current row
        ) as run_number
    from touches
),

-- At most one touch of a run is not direct: its first.
last_sourced as (
    select
        *,
        session_start_at <= max(case when channel <> 'Direct' then session_start_at end) over run
        + interval '{{ var("attribution_lookback_days") }}' day as is_recent,
        max(case when channel <> 'Direct' then channel end) over run as run_channel,
        max(case when channel <> 'Direct' then source end) over run as run_source,
        max(case when channel <> 'Direct' then medium end) over run as run_medium,
        max(case when channel <> 'Direct' then campaign end) over run as run_campaign
    from numbered
    window run as (partition by person_id, run_number)
)

select
    session_id,
    person_id,
    visitor_id,
    customer_id,
    session_date,
    session_start_at,
    channel,
    source,
    medium,
    campaign,
    device_category,
    country,
    touch_number,
    case when is_recent then run_channel else 'Direct' end as last_non_direct_channel,
    case when is_recent then run_source else '(direct)' end as last_non_direct_source,
    case when is_recent then run_medium else '(none)' end as last_non_direct_medium,
    case when is_recent then run_campaign else '(not set)' end as last_non_direct_campaign
from last_sourced
