-- Numbered by age, because the oldest identifier of a person gives the person its id. Numbers
-- change when an older identifier lands; they never leave this folder.
-- A visitor is older than what links it.

with

observed as (
    select * from {{ ref('int_identifiers_observed') }}
),

named as (
    {%- for kind, column in [
        ('customer', 'customer_id'),
        ('email', 'email_hash'),
        ('phone', 'phone_hash'),
    ] %}
    select
        '{{ kind }}' as identifier_kind,
        {{ column }} as identifier,
        first_seen_at,
        last_seen_at
    from observed
    where {{ column }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

identifiers as (
    select
        identifier_kind,
        identifier,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from named
    group by identifier_kind, identifier
    union all
    select
        'visitor' as identifier_kind,
        visitor_id as identifier,
        first_seen_at,
        last_seen_at
    from {{ ref('int_visitors_identified') }}
    where visitor_id in (
        select observed.visitor_id from observed
        where observed.visitor_id is not null
    )
)

select
    row_number() over (
        order by first_seen_at, identifier_kind, identifier
    ) as identifier_number,
    md5(concat(identifier_kind, '|', identifier)) as identity_id,
    identifier_kind,
    identifier,
    first_seen_at,
    last_seen_at
from identifiers
