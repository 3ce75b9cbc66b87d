select
    links.link_id,
    identities.identity_id,
    links.identifier_kind,
    others.identity_id as other_identity_id,
    links.other_kind,
    links.evidence,
    links.first_seen_at,
    links.last_seen_at,
    links.evidence_count,
    links.example,
    links.guard is null as is_used,
    links.guard,
    guarded.identity_id as guarded_identity_id,
    case when links.guard is null then identities.person_id end as person_id
from {{ ref('int_identity_links_judged') }} as links
    inner join {{ ref('int_identities_resolved') }} as identities
        on links.identifier_number = identities.identifier_number
    inner join {{ ref('int_identities_resolved') }} as others
        on links.other_number = others.identifier_number
    left join {{ ref('int_identities_resolved') }} as guarded
        on links.guarded_number = guarded.identifier_number
