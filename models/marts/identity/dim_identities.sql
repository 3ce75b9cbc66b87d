-- E-mails and phones are named by their keyed hash, which is personal; the key is identity_id.

select
    identities.identity_id,
    identities.identifier_kind,
    case
        when identities.identifier_kind in ('visitor', 'customer') then identities.identifier
    end as identifier,
    case
        when identities.identifier_kind in ('email', 'phone') then identities.identifier
    end as hashed_address,
    identities.person_id,
    identities.first_seen_at,
    identities.last_seen_at,
    identities.linked_at,
    identities.valid_from,
    parents.identity_id as linked_through_id,
    links.link_id,
    links.evidence,
    cast(identities.depth as bigint) as depth,
    identities.guard
from {{ ref('int_identities_resolved') }} as identities
    left join {{ ref('int_identities_resolved') }} as parents
        on identities.parent_number = parents.identifier_number
    left join {{ ref('int_identity_links_judged') }} as links
        on identities.parent_link_number = links.link_number
