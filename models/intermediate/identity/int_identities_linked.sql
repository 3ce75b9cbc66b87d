{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['identity_id'],
    meta={'redone_by': []}
) }}
-- An identifier that nothing links is a person of its own, and so is a shared device: then sessions
-- always have a person, which has the id of its oldest identifier.

with

identifiers as (
    select * from {{ ref('int_identifiers_numbered') }}
),

links as (
    select * from {{ ref('int_identity_links_judged') }}
),

guards as (
    select
        identifier_number,
        min(guard) as guard
    from (
        select
            identifier_number,
            guard
        from {{ ref('int_identifiers_guarded') }}
        union all
        select
            guarded_number as identifier_number,
            guard
        from links
        where guard = 'shared device'
    ) as guarded
    group by identifier_number
),

-- What links say is looked up for those that have any, and joined to all once.
connected as (
    select
        connections.identifier_number,
        roots.identity_id as person_id,
        parents.identity_id as linked_through_id,
        ways.link_id,
        ways.evidence,
        connections.depth,
        oldest.first_seen_at as linked_at,
        connecting.first_seen_at as connected_at
    from {{ ref('int_identities_connected') }} as connections
        inner join identifiers as roots
            on connections.root_number = roots.identifier_number
        left join identifiers as parents
            on connections.parent_number = parents.identifier_number
        left join links as ways
            on connections.parent_link_number = ways.link_number
        left join links as oldest
            on connections.oldest_link_number = oldest.link_number
        left join links as connecting
            on connections.connecting_link_number = connecting.link_number
)

select
    identifiers.identity_id,
    identifiers.identifier_kind,
    identifiers.identifier,
    case when identifiers.identifier_kind = 'visitor' then identifiers.identifier end as visitor_id,
    identifiers.first_seen_at,
    identifiers.last_seen_at,
    coalesce(connected.person_id, identifiers.identity_id) as person_id,
    connected.linked_through_id,
    connected.link_id,
    connected.evidence,
    cast(coalesce(connected.depth, 0) as bigint) as depth,
    connected.linked_at,
    coalesce(connected.connected_at, identifiers.first_seen_at) as valid_from,
    guards.guard
from identifiers
    left join connected
        on identifiers.identifier_number = connected.identifier_number
    left join guards
        on identifiers.identifier_number = guards.identifier_number
