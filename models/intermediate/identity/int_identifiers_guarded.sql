-- Identifiers that say nothing about who somebody is: placeholders, and what so many customers share
-- that it is a shop's till or a switchboard. None of their links is used.

with

identifiers as (
    select * from {{ ref('int_identifiers_numbered') }}
),

-- E-mails and phones are compared by their hashes, however a placeholder is typed.
placeholders as (
    select
        kinds.identifier_kind,
        case kinds.identifier_kind
            when 'email' then {{ email_hash('seed.placeholder') }}
            when 'phone' then {{ phone_hash('seed.placeholder') }}
            else lower(trim(seed.placeholder))
        end as identifier
    from {{ ref('placeholder_ids') }} as seed
        cross join (
            select distinct identifier_kind from identifiers
        ) as kinds
),

placeholding as (
    select
        identifiers.identifier_number,
        'placeholder' as guard
    from identifiers
        inner join (select distinct identifier_kind, identifier from placeholders) as known
            on
                identifiers.identifier_kind = known.identifier_kind
                and known.identifier = case
                    when identifiers.identifier_kind in ('email', 'phone')
                        then identifiers.identifier
                    else lower(trim(identifiers.identifier))
                end
),

-- Both ways round; what placeholders are linked with does not count.
partners as (
    select
        links.identifier_number,
        links.identifier_kind,
        links.other_number,
        links.other_kind
    from {{ ref('int_identity_links') }} as links
    union all
    select
        links.other_number as identifier_number,
        links.other_kind as identifier_kind,
        links.identifier_number as other_number,
        links.identifier_kind as other_kind
    from {{ ref('int_identity_links') }} as links
),

crowded as (
    select
        identifier_number,
        concat('too many ', other_kind, 's') as guard
    from partners
    where
        identifier_number not in (select identifier_number from placeholding)
        and other_number not in (select identifier_number from placeholding)
    group by identifier_number, identifier_kind, other_kind
    having
        count(distinct other_number) > case concat(identifier_kind, ' ', other_kind)
            when 'email customer' then {{ var('identity_max_customers_per_email') }}
            when 'phone customer' then {{ var('identity_max_customers_per_phone') }}
            when 'customer email' then {{ var('identity_max_emails_per_customer') }}
        end
)

select
    identifier_number,
    min(guard) as guard
from (
    select * from placeholding
    union all
    select * from crowded
) as guarded
group by identifier_number
