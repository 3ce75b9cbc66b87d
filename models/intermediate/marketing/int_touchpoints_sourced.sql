-- A person is the customer behind the visitor where one is known, else the visitor.

with

touches as (
    select
        sessions.session_id,
        coalesce(
            'customer:' || visitors.customer_id, 'visitor:' || sessions.visitor_id
        ) as person_id,
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
)

select
    numbered.*,
    coalesce(last_sourced.channel, 'Direct') as last_non_direct_channel,
    coalesce(last_sourced.source, '(direct)') as last_non_direct_source,
    coalesce(last_sourced.medium, '(none)') as last_non_direct_medium,
    coalesce(last_sourced.campaign, '(not set)') as last_non_direct_campaign
from numbered
    left join numbered as last_sourced
        on
            numbered.person_id = last_sourced.person_id
            and numbered.run_number = last_sourced.run_number
            and last_sourced.channel <> 'Direct'
            and numbered.session_start_at <= last_sourced.session_start_at
            + interval '{{ var("attribution_lookback_days") }}' day
