with

gaps as (
    select
        *,
        coalesce(
            event_at > lag(event_at) over (partition by visitor_id order by event_at, event_id)
            + interval 30 minute,
            true
        ) as is_session_start
    from {{ ref('stg_events') }}
)

select
    *,
    sum(cast(is_session_start as integer)) over (
        partition by visitor_id order by event_at, event_id
        rows between unbounded preceding and current row
    ) as session_number
from gaps
