-- One row per session with whose it is, where it came from and where its person last came from.
-- Names are wide: numbers stand for them. A session that carries no source is direct, number 0.
-- Robots are no touches: their last source is their own.

with

sources as (
    select
        channels.source_kind,
        channels.raw_source,
        channels.raw_medium,
        channels.raw_campaign,
        numbered.source_number,
        case when numbered.channel <> 'Direct' then numbered.source_number end as non_direct_number
    from {{ ref('int_channels_classified') }} as channels
        inner join {{ ref('int_sources_numbered') }} as numbered
            on
                channels.channel = numbered.channel
                and channels.source = numbered.source
                and channels.medium = numbered.medium
                and channels.campaign = numbered.campaign
),

sourced as (
    select
        session_sources.visitor_id,
        session_sources.session_start_at,
        sources.source_number,
        sources.non_direct_number
    from {{ ref('int_session_sources') }} as session_sources
        inner join sources
            on
                session_sources.source_kind = sources.source_kind
                and session_sources.raw_source = sources.raw_source
                and session_sources.raw_medium = sources.raw_medium
                and session_sources.raw_campaign = sources.raw_campaign
),

-- Known: by the end of the session the visitor had been linked with somebody; on a shared device
-- the session itself shows who it is.
sessions as (
    select
        summarized.session_id,
        summarized.session_date,
        summarized.session_start_at,
        summarized.is_bot,
        coalesce(owned.person_id, visitors.person_id) as person_id,
        coalesce(
            owned.person_id is not null or visitors.linked_at <= summarized.session_end_at,
            false
        ) as is_person_known,
        coalesce(sourced.source_number, 0) as source_number,
        sourced.non_direct_number
    from {{ ref('int_sessions_summarized') }} as summarized
        inner join {{ ref('int_visitors_resolved') }} as visitors
            on summarized.visitor_id = visitors.visitor_id
        left join {{ ref('int_guarded_sessions_owned') }} as owned
            on
                summarized.visitor_id = owned.visitor_id
                and summarized.session_start_at = owned.session_start_at
        left join sourced
            on
                summarized.visitor_id = sourced.visitor_id
                and summarized.session_start_at = sourced.session_start_at
),

numbered as (
    select
        *,
        row_number() over so_far as touch_number,
        last_value(non_direct_number ignore nulls) over so_far as last_non_direct_number,
        max(case when non_direct_number is not null then session_start_at end) over so_far
            as last_non_direct_at
    from sessions
    window so_far as (
        partition by person_id, is_bot order by session_start_at, session_id
        rows between unbounded preceding and current row
    )
)

select
    session_id,
    session_date,
    session_start_at,
    person_id,
    is_person_known,
    source_number,
    case
        when is_bot then source_number
        when
            session_start_at <= last_non_direct_at
            + interval '{{ var("attribution_lookback_days") }}' day
            then last_non_direct_number
        else 0
    end as last_source_number,
    case when not is_bot then touch_number end as touch_number
from numbered
