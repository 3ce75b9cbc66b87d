{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['visitor_id', 'session_start_at'],
    meta={'redone_by': ['visitor_id', 'session_date']}
) }}
-- Explicit utm parameters win over a click id, which wins over the referrer, unless that is the
-- shop's own host or a payment provider. Most events carry none of these and are not sorted.

with

-- What the tracker split off the address counts before what stands in the address alone.
events as (
    select
        session_date,
        visitor_id,
        session_start_at,
        event_at,
        event_id,
        page_host,
        referrer_host,
        {%- for parameter in ['utm_source', 'utm_medium', 'utm_campaign'] %}
        lower(coalesce(
            nullif(trim({{ parameter }}), ''),
            nullif(trim({{ traffic_parameter('traffic_parameters', parameter) }}), '')
        )) as {{ parameter }},
        {%- endfor %}
        concat(
            case when gclid is not null then '&gclid=' else '' end,
            case when msclkid is not null then '&msclkid=' else '' end,
            case when fbclid is not null then '&fbclid=' else '' end,
            coalesce(replace(lower(traffic_parameters), '?', '&'), '')
        ) as parameters
    from {{ redone(ref('int_events_sessionized')) }}
    where
        (
            coalesce(utm_source, utm_medium, utm_campaign, traffic_parameters) is not null
            or coalesce(gclid, msclkid, fbclid) is not null
            or referrer_host <> coalesce(page_host, '')
        )
),

clicks as (
    select
        found.parameters,
        click_ids.source,
        click_ids.medium,
        row_number() over (
            partition by found.parameters order by click_ids.priority, click_ids.parameter
        ) as click_number
    from (select distinct parameters from events) as found
        inner join {{ ref('click_ids') }} as click_ids
            on position(concat('&', click_ids.parameter, '=') in found.parameters) > 0
),

ignored_referrers as (
    select distinct referrers.referrer_host
    from (select distinct referrer_host from events) as referrers
        inner join {{ ref('ignored_referrers') }} as ignored
            on
                referrers.referrer_host = ignored.host
                or referrers.referrer_host like concat('%.', ignored.host)
    union
    select referrer_host
    from events
    where referrer_host in ({{ sql_list(var('store_domains')) }})
),

sourced as (
    select
        events.*,
        clicks.source as click_source,
        clicks.medium as click_medium,
        case
            when coalesce(events.utm_source, events.utm_medium, events.utm_campaign) is not null
                then 'utm'
            when clicks.source is not null then 'click id'
            when
                events.referrer_host <> coalesce(events.page_host, '')
                and not coalesce(events.referrer_host like concat('%.', events.page_host), false)
                and ignored_referrers.referrer_host is null
                then 'referrer'
        end as source_kind
    from events
        left join clicks
            on events.parameters = clicks.parameters and clicks.click_number = 1
        left join ignored_referrers
            on events.referrer_host = ignored_referrers.referrer_host
),

ranked as (
    select
        *,
        row_number() over (
            partition by visitor_id, session_start_at order by event_at, event_id
        ) as traffic_event_number
    from sourced
    where source_kind is not null
)

select
    session_date,
    visitor_id,
    session_start_at,
    source_kind,
    case source_kind
        when 'utm' then coalesce(utm_source, '(not set)')
        when 'click id' then click_source
        else referrer_host
    end as raw_source,
    case source_kind
        when 'utm' then coalesce(utm_medium, '(not set)')
        when 'click id' then click_medium
        else 'referral'
    end as raw_medium,
    coalesce(utm_campaign, '(not set)') as raw_campaign
from ranked
where traffic_event_number = 1
