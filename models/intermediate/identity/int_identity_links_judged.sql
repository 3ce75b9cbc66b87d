-- A visitor that several accounts were seen on is a shared device and links nobody: not those
-- accounts with each other, and not itself with one of them. A guest's e-mail is an account too.

with

links as (
    select
        screened.*,
        coalesce(accounts.root_number, screened.other_number) as account_number
    from {{ ref('int_identity_links_screened') }} as screened
        left join {{ ref('int_accounts_connected') }} as accounts
            on screened.other_number = accounts.identifier_number
),

shared as (
    select identifier_number
    from links
    where guard is null and identifier_kind = 'visitor'
    group by identifier_number
    having count(distinct account_number) > {{ var('identity_max_accounts_per_visitor') }}
)

select
    links.link_number,
    links.link_id,
    links.identifier_number,
    links.identity_id,
    links.identifier_kind,
    links.other_number,
    links.other_identity_id,
    links.other_kind,
    links.account_number,
    links.evidence,
    links.first_seen_at,
    links.last_seen_at,
    links.evidence_count,
    links.example,
    coalesce(
        links.guard, case when shared.identifier_number is not null then 'shared device' end
    ) as guard,
    coalesce(links.guarded_number, shared.identifier_number) as guarded_number
from links
    left join shared
        on links.identifier_number = shared.identifier_number
