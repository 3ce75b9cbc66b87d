-- A pair has a row for each kind of its evidence; test orders are none. Numbered by age: of links
-- of the same moment an account is stronger than an order, an order than what tracking saw.

with

observed as (
    select
        *,
        case evidence when 'account' then 1 when 'order' then 2 when 'purchase' then 3 else 4 end
            as evidence_rank
    from {{ ref('int_identifiers_observed') }}
    where evidence <> 'test order'
),

identifiers as (
    select * from {{ ref('int_identifiers_numbered') }}
),

-- That a tracked purchase's customer has this e-mail is said by its order.
pairs as (
    {%- for kind, column, other_kind, other_column in [
        ('visitor', 'visitor_id', 'customer', 'customer_id'),
        ('visitor', 'visitor_id', 'email', 'email_hash'),
        ('customer', 'customer_id', 'email', 'email_hash'),
        ('customer', 'customer_id', 'phone', 'phone_hash'),
    ] %}
    select
        '{{ kind }}' as identifier_kind,
        {{ column }} as identifier,
        '{{ other_kind }}' as other_kind,
        {{ other_column }} as other_identifier,
        evidence,
        evidence_rank,
        first_seen_at,
        last_seen_at,
        evidence_count,
        example
    from observed
    where
        {{ column }} is not null
        and {{ other_column }} is not null
        {%- if kind == 'customer' %}
        and evidence <> 'purchase'
        {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

links as (
    select
        identifier_kind,
        identifier,
        other_kind,
        other_identifier,
        evidence,
        evidence_rank,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        cast(sum(evidence_count) as bigint) as evidence_count,
        min(example) as example
    from pairs
    group by
        identifier_kind, identifier, other_kind, other_identifier, evidence, evidence_rank
)

select
    row_number() over (
        order by
            links.first_seen_at,
            links.evidence_rank,
            identifiers.identifier_number,
            others.identifier_number
    ) as link_number,
    md5(concat(
        identifiers.identity_id, '|', others.identity_id, '|', links.evidence
    )) as link_id,
    identifiers.identifier_number,
    identifiers.identity_id,
    links.identifier_kind,
    others.identifier_number as other_number,
    others.identity_id as other_identity_id,
    links.other_kind,
    links.evidence,
    links.first_seen_at,
    links.last_seen_at,
    links.evidence_count,
    links.example
from links
    inner join identifiers
        on
            links.identifier_kind = identifiers.identifier_kind
            and links.identifier = identifiers.identifier
    inner join identifiers as others
        on
            links.other_kind = others.identifier_kind
            and links.other_identifier = others.identifier
