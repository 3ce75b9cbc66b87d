-- Identifiers as placeholders look once staged: e-mails and phones are compared by their hashes,
-- however they were typed.

with

spelled as (
    select
        'email' as identifier_kind,
        {{ email_hash('placeholder') }} as identifier
    from {{ ref('placeholder_ids') }}
    union
    select
        'phone' as identifier_kind,
        {{ phone_hash('placeholder') }} as identifier
    from {{ ref('placeholder_ids') }}
    union
    select
        'customer' as identifier_kind,
        lower(trim(placeholder)) as identifier
    from {{ ref('placeholder_ids') }}
    union
    select
        'visitor' as identifier_kind,
        lower(trim(placeholder)) as identifier
    from {{ ref('placeholder_ids') }}
)

select * from spelled
where identifier is not null
