-- Known: by the end of the session the visitor had been linked with somebody; on a shared device
-- the session itself shows who it is.

select
    sessions.visitor_id,
    sessions.session_start_at,
    coalesce(owned.person_id, identities.person_id) as person_id,
    coalesce(
        owned.person_id is not null or identities.linked_at <= sessions.session_end_at, false
    ) as is_person_known
from {{ ref('int_sessions_summarized') }} as sessions
    inner join {{ ref('int_identities_resolved') }} as identities
        on
            sessions.visitor_id = identities.identifier
            and identities.identifier_kind = 'visitor'
    left join {{ ref('int_guarded_sessions_owned') }} as owned
        on
            sessions.visitor_id = owned.visitor_id
            and sessions.session_start_at = owned.session_start_at
