select
    links.link_id,
    links.identity_id,
    links.identifier_kind,
    links.other_identity_id,
    links.other_kind,
    links.evidence,
    links.first_seen_at,
    links.last_seen_at,
    links.evidence_count,
    links.example,
    links.guard is null as is_used,
    links.guard,
    case links.guarded_number
        when links.identifier_number then links.identity_id
        when links.other_number then links.other_identity_id
    end as guarded_identity_id,
    case when links.guard is null then identities.person_id end as person_id
from {{ ref('int_identity_links_judged') }} as links
    inner join {{ ref('int_identities_linked') }} as identities
        on links.identity_id = identities.identity_id
