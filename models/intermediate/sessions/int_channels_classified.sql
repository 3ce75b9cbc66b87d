-- One row per source, medium and campaign that sessions or the links of ads carry, with its default
-- channel group: the rules of the seed in their order, the first that matches wins.

with

traffic as (
    select
        source_kind,
        raw_source,
        raw_medium,
        raw_campaign
    from {{ ref('int_session_sources') }}
    union
    select
        'utm' as source_kind,
        raw_source,
        raw_medium,
        raw_campaign
    from {{ ref('int_ad_spend_converted') }}
),

-- A known source goes by its value alone or, where it covers hosts, as a host of any country or a
-- subdomain too; of several the longest name is the most specific one.
known_sources as (
    select
        sources.raw_source,
        known.source as known_source,
        known.category,
        row_number() over (
            partition by sources.raw_source order by length(known.source) desc, known.source
        ) as match_number
    from (select distinct raw_source from traffic) as sources
        inner join {{ ref('known_sources') }} as known
            on
                position(known.source in sources.raw_source) > 0
                and (
                    sources.raw_source = known.source
                    or (
                        known.covers = 'hosts'
                        and {{ matches('sources.raw_source', "concat(
                                '(^|[.])',
                                replace(known.source, '.', '[.]'),
                                '([.][a-z]{2,3}){0,2}$'
                            )") }}
                    )
                )
),

named as (
    select
        traffic.*,
        known_sources.category,
        case
            when traffic.source_kind = 'referrer' and known_sources.category = 'search'
                then known_sources.known_source
            else traffic.raw_source
        end as source,
        case
            when traffic.source_kind = 'referrer' and known_sources.category = 'search'
                then 'organic'
            when traffic.source_kind = 'referrer' and known_sources.category = 'ai'
                then 'ai-assistant'
            else traffic.raw_medium
        end as medium,
        traffic.raw_campaign as campaign
    from traffic
        left join known_sources
            on
                traffic.raw_source = known_sources.raw_source
                and known_sources.match_number = 1
),

matches as (
    select
        named.*,
        rules.channel,
        row_number() over (
            partition by
                named.source_kind, named.raw_source, named.raw_medium, named.raw_campaign
            order by rules.rule_number
        ) as match_number
    from named
        inner join {{ ref('channel_rules') }} as rules
            on
                (rules.source_category is null or named.category = rules.source_category)
                and (
                    rules.source_pattern is null
                    or {{ matches('named.source', 'rules.source_pattern') }}
                )
                and (
                    rules.medium_pattern is null
                    or {{ matches('named.medium', 'rules.medium_pattern') }}
                )
                and (
                    rules.campaign_pattern is null
                    or {{ matches('named.campaign', 'rules.campaign_pattern') }}
                )
)

select
    source_kind,
    raw_source,
    raw_medium,
    raw_campaign,
    source,
    medium,
    campaign,
    channel
from matches
where match_number = 1
