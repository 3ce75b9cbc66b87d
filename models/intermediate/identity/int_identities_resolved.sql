-- An identifier that nothing links is a person of its own, and so is a shared device: then sessions
-- always have a person.

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
)

select
    identifiers.identifier_number,
    identifiers.identity_id,
    identifiers.identifier_kind,
    identifiers.identifier,
    identifiers.first_seen_at,
    identifiers.last_seen_at,
    coalesce(connected.root_number, identifiers.identifier_number) as root_number,
    coalesce(roots.identity_id, identifiers.identity_id) as person_id,
    connected.parent_number,
    connected.parent_link_number,
    coalesce(connected.depth, 0) as depth,
    oldest.first_seen_at as linked_at,
    coalesce(connecting.first_seen_at, identifiers.first_seen_at) as valid_from,
    guards.guard
from identifiers
    left join {{ ref('int_identities_connected') }} as connected
        on identifiers.identifier_number = connected.identifier_number
    left join identifiers as roots
        on connected.root_number = roots.identifier_number
    left join links as oldest
        on connected.oldest_link_number = oldest.link_number
    left join links as connecting
        on connected.connecting_link_number = connecting.link_number
    left join guards
        on identifiers.identifier_number = guards.identifier_number
