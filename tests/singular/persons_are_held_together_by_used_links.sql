-- Every step from an identifier towards its person's oldest one is a used link of the audit between
-- just these two, which are one person, one step closer.
select identities.identity_id as problem
from {{ ref('dim_identities') }} as identities
    left join {{ ref('fct_identity_links') }} as links
        on
            identities.link_id = links.link_id
            and links.is_used
            and identities.identity_id in (links.identity_id, links.other_identity_id)
            and identities.linked_through_id in (links.identity_id, links.other_identity_id)
    left join {{ ref('dim_identities') }} as nearer
        on
            identities.linked_through_id = nearer.identity_id
            and identities.person_id = nearer.person_id
            and identities.depth = nearer.depth + 1
where
    identities.depth > 0
    and (links.link_id is null or nearer.identity_id is null)
