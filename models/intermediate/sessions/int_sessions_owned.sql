{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['session_id'],
    meta={
        'redone_by': ['visitor_id'],
        'named_by_content': ['int_channels_classified', 'int_sources_numbered']
    }
) }}
-- One row per session with whose it is and where it came from. Names are wide: numbers stand for
-- them. A session that carries no source is direct, number 0.

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
    from {{ redone(ref('int_session_sources')) }} as session_sources
        inner join sources
            on
                session_sources.source_kind = sources.source_kind
                and session_sources.raw_source = sources.raw_source
                and session_sources.raw_medium = sources.raw_medium
                and session_sources.raw_campaign = sources.raw_campaign
)

-- Known: by the end of the session the visitor had been linked with somebody; on a shared device
-- the session itself shows who it is.
select
    summarized.session_id,
    summarized.visitor_id,
    summarized.session_date,
    summarized.session_start_at,
    summarized.is_bot,
    identified.customer_id,
    summarized.session_start_at = identified.first_session_at as is_first_session,
    coalesce(owned.person_id, resolved.person_id) as person_id,
    coalesce(
        owned.person_id is not null or resolved.linked_at <= summarized.session_end_at, false
    ) as is_person_known,
    coalesce(sourced.source_number, 0) as source_number,
    sourced.non_direct_number
from {{ redone(ref('int_sessions_summarized')) }} as summarized
    inner join {{ redone(ref('int_visitors_identified')) }} as identified
        on summarized.visitor_id = identified.visitor_id
    inner join {{ redone(ref('int_visitors_resolved')) }} as resolved
        on summarized.visitor_id = resolved.visitor_id
    left join {{ redone(ref('int_guarded_sessions_owned')) }} as owned
        on
            summarized.visitor_id = owned.visitor_id
            and summarized.session_start_at = owned.session_start_at
    left join sourced
        on
            summarized.visitor_id = sourced.visitor_id
            and summarized.session_start_at = sourced.session_start_at
