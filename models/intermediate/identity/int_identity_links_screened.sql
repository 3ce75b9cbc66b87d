{{ config(materialized='view') }}
-- Guarded identifiers are few, so what they are is looked up for either end: a view is cheap.

select
    links.*,
    coalesce(guarded.guard, others.guard) as guard,
    case
        when guarded.guard is not null then links.identifier_number
        when others.guard is not null then links.other_number
    end as guarded_number
from {{ ref('int_identity_links') }} as links
    left join {{ ref('int_identifiers_guarded') }} as guarded
        on links.identifier_number = guarded.identifier_number
    left join {{ ref('int_identifiers_guarded') }} as others
        on links.other_number = others.identifier_number
