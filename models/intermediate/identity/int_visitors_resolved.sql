{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['visitor_id'],
    meta={'redone_by': ['visitor_id'], 'looked_up': ['int_placeholders_hashed']}
) }}
-- Most visitors are never seen with anybody's name: they are persons of their own.

with

visitors as (
    select
        *,
        md5(concat('visitor|', visitor_id)) as identity_id
    from {{ redone(ref('int_visitors_identified')) }}
)

select
    visitors.visitor_id,
    visitors.identity_id,
    visitors.first_seen_at,
    visitors.last_seen_at,
    coalesce(linked.person_id, visitors.identity_id) as person_id,
    linked.linked_through_id,
    linked.link_id,
    linked.evidence,
    coalesce(linked.depth, 0) as depth,
    linked.linked_at,
    coalesce(linked.valid_from, visitors.first_seen_at) as valid_from,
    case when placeholders.identifier is not null then 'placeholder' else linked.guard end as guard
from visitors
    left join {{ redone(ref('int_identities_linked')) }} as linked
        on visitors.visitor_id = linked.visitor_id
    left join {{ ref('int_placeholders_hashed') }} as placeholders
        on
            lower(trim(visitors.visitor_id)) = placeholders.identifier
            and placeholders.identifier_kind = 'visitor'
