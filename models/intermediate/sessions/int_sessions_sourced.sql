-- A session that is missing here came without a source: it is direct.
select
    sources.visitor_id,
    sources.session_start_at,
    channels.source,
    channels.medium,
    channels.campaign,
    channels.channel
from {{ ref('int_session_sources') }} as sources
    inner join {{ ref('int_channels_classified') }} as channels
        on
            sources.source_kind = channels.source_kind
            and sources.raw_source = channels.raw_source
            and sources.raw_medium = channels.raw_medium
            and sources.raw_campaign = channels.raw_campaign
