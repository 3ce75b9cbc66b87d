{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['visitor_id', 'session_start_at'],
    meta={'redone_by': ['visitor_id', 'session_date']}
) }}
-- Explicit utm parameters win over a click id, which wins over the referrer, unless that is the
-- shop's own host or a payment provider. Most events carry none of these and are not sorted.

with

told as (
    select
        session_date,
        visitor_id,
        session_start_at,
        event_at,
        event_id,
        traffic
    from {{ redone(ref('int_events_sessionized')) }}
    where traffic is not null
),

hints as (
    {{ traffic_hints('told') }}
),

clicks as (
    select
        found.parameters,
        click_ids.source,
        click_ids.medium,
        row_number() over (
            partition by found.parameters order by click_ids.priority, click_ids.parameter
        ) as click_number
    from (select distinct parameters from hints) as found
        inner join {{ ref('click_ids') }} as click_ids
            on position(concat('&', click_ids.parameter, '=') in found.parameters) > 0
),

ignored_referrers as (
    select distinct referrers.referrer_host
    from (select distinct referrer_host from hints) as referrers
        inner join {{ ref('ignored_referrers') }} as ignored
            on
                referrers.referrer_host = ignored.host
                or referrers.referrer_host like concat('%.', ignored.host)
),

sourced as (
    select
        hints.*,
        clicks.source as click_source,
        clicks.medium as click_medium,
        case
            when coalesce(hints.utm_source, hints.utm_medium, hints.utm_campaign) is not null
                then 'utm'
            when clicks.source is not null then 'click id'
            when
                hints.referrer_host is not null
                and not {{ is_own_referrer('hints.referrer_host', 'hints.page_host') }}
                and ignored_referrers.referrer_host is null
                then 'referrer'
        end as source_kind
    from hints
        left join clicks
            on hints.parameters = clicks.parameters and clicks.click_number = 1
        left join ignored_referrers
            on hints.referrer_host = ignored_referrers.referrer_host
),

-- Only what is sorted by is sorted: what the event says is looked up afterwards.
ranked as (
    select
        *,
        row_number() over (
            partition by session_start_at, visitor_id order by event_at, event_id
        ) as traffic_event_number
    from told
    where
        traffic in (
            select sourced.traffic from sourced
            where sourced.source_kind is not null
        )
)

select
    ranked.session_date,
    ranked.visitor_id,
    ranked.session_start_at,
    sourced.source_kind,
    case sourced.source_kind
        when 'utm' then coalesce(sourced.utm_source, '(not set)')
        when 'click id' then sourced.click_source
        else sourced.referrer_host
    end as raw_source,
    case sourced.source_kind
        when 'utm' then coalesce(sourced.utm_medium, '(not set)')
        when 'click id' then sourced.click_medium
        else 'referral'
    end as raw_medium,
    coalesce(sourced.utm_campaign, '(not set)') as raw_campaign
from ranked
    inner join sourced
        on ranked.traffic = sourced.traffic
where ranked.traffic_event_number = 1
