{{ config(materialized='view') }}
-- All identifiers: visitors, who are many, and what names people, which is kept with its links.

select
    identity_id,
    'visitor' as identifier_kind,
    visitor_id as identifier,
    first_seen_at,
    last_seen_at,
    person_id,
    linked_through_id,
    link_id,
    evidence,
    depth,
    linked_at,
    valid_from,
    guard
from {{ ref('int_visitors_resolved') }}
union all
select
    identity_id,
    identifier_kind,
    identifier,
    first_seen_at,
    last_seen_at,
    person_id,
    linked_through_id,
    link_id,
    evidence,
    depth,
    linked_at,
    valid_from,
    guard
from {{ ref('int_identities_linked') }}
where identifier_kind <> 'visitor'
