{{ config(materialized='incremental', incremental_strategy='replace_days') }}
-- depends_on: {{ ref('int_session_days') }}
-- Explicit utm parameters win over a click id, which wins over the referrer. The shop's own hosts
-- and payment providers are no referrers: who comes back from paying came from where he began.

with

events as (
    select * from {{ ref('int_events_sessionized') }}
    {%- if is_incremental() %}
    where session_date in ({{ days_to_replace() }})
    {%- endif %}
),

referrers as (
    select distinct referrer_host
    from events
    where referrer_host is distinct from page_host
),

ignored_referrers as (
    select distinct referrers.referrer_host
    from referrers
        inner join {{ ref('ignored_referrers') }} as ignored
            on
                referrers.referrer_host = ignored.host
                or referrers.referrer_host like concat('%.', ignored.host)
    union
    select referrer_host
    from referrers
    where referrer_host in ({{ sql_list(var('store_domains')) }})
),

traffic_events as (
    select
        events.*,
        case
            when coalesce(events.utm_source, events.utm_medium, events.utm_campaign) is not null
                then 'utm'
            when coalesce(events.gclid, events.msclkid, events.fbclid) is not null
                then 'click id'
            else 'referrer'
        end as source_kind
    from events
        left join ignored_referrers
            on events.referrer_host = ignored_referrers.referrer_host
    where
        coalesce(events.utm_source, events.utm_medium, events.utm_campaign) is not null
        or coalesce(events.gclid, events.msclkid, events.fbclid) is not null
        or (
            events.referrer_host is not null
            and events.referrer_host is distinct from events.page_host
            and not coalesce(events.referrer_host like concat('%.', events.page_host), false)
            and ignored_referrers.referrer_host is null
        )
),

ranked as (
    select
        *,
        row_number() over (
            partition by session_date, visitor_id, session_start_at order by event_number
        ) as traffic_event_number
    from traffic_events
),

first_sources as (
    select
        session_date,
        visitor_id,
        session_start_at,
        source_kind,
        case
            when source_kind = 'utm' then coalesce(lower(trim(utm_source)), '(not set)')
            when source_kind = 'referrer' then referrer_host
            when gclid is not null then 'google'
            when msclkid is not null then 'bing'
            else 'facebook'
        end as raw_source,
        case
            when source_kind = 'utm' then coalesce(lower(trim(utm_medium)), '(not set)')
            when source_kind = 'referrer' then 'referral'
            when coalesce(gclid, msclkid) is not null then 'cpc'
            else 'social'
        end as raw_medium,
        coalesce(lower(trim(utm_campaign)), '(not set)') as raw_campaign,
        day_version,
        '{{ definition_hash(model.name) }}' as definition_hash
    from ranked
    where traffic_event_number = 1
)

select * from first_sources
