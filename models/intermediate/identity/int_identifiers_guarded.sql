-- Identifiers that say nothing about who somebody is: placeholders, and what so many share that it
-- is a shop's till or a switchboard. None of their links is used.

with

links as (
    select * from {{ ref('int_identity_links') }}
),

placeholders as (
    select identifiers.identifier_number
    from {{ ref('int_identifiers_numbered') }} as identifiers
        inner join {{ ref('int_placeholders_hashed') }} as placeholders
            on
                identifiers.identifier_kind = placeholders.identifier_kind
                and lower(trim(identifiers.identifier)) = placeholders.identifier
),

-- Each link from both of its ends.
partners as (
    select
        identifier_number,
        identifier_kind,
        other_number as partner_number,
        other_kind as partner_kind
    from links
    union
    select
        other_number as identifier_number,
        other_kind as identifier_kind,
        identifier_number as partner_number,
        identifier_kind as partner_kind
    from links
),

-- A placeholder is nobody's partner.
crowded as (
    select
        partners.identifier_number,
        concat('too many ', partners.partner_kind, 's') as guard
    from partners
        left join placeholders
            on partners.partner_number = placeholders.identifier_number
    where placeholders.identifier_number is null
    group by partners.identifier_number, partners.identifier_kind, partners.partner_kind
    having
        count(*) > case concat(partners.identifier_kind, ' ', partners.partner_kind)
            when 'email customer' then {{ var('identity_max_customers_per_email') }}
            when 'phone customer' then {{ var('identity_max_customers_per_phone') }}
            when 'customer email' then {{ var('identity_max_emails_per_customer') }}
        end
),

guarded as (
    select
        identifier_number,
        'placeholder' as guard
    from placeholders
    union all
    select
        identifier_number,
        guard
    from crowded
)

select
    identifier_number,
    min(guard) as guard
from guarded
group by identifier_number
