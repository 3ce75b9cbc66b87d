{{ config(materialized='view') }}
-- E-mails and phones are named by their keyed hash, which is personal; the key is identity_id. A
-- view: it only tells these apart.

select
    identity_id,
    identifier_kind,
    case when identifier_kind in ('visitor', 'customer') then identifier end as identifier,
    case when identifier_kind in ('email', 'phone') then identifier end as hashed_address,
    person_id,
    first_seen_at,
    last_seen_at,
    linked_at,
    valid_from,
    linked_through_id,
    link_id,
    evidence,
    depth,
    guard
from {{ ref('int_identities_resolved') }}
