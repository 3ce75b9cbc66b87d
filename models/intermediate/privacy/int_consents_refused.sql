-- By hash, so that nobody is named who did not agree to it. The last decision at a time counts; of
-- several at one moment the one that was landed last. Few refuse: only their decisions are sorted.

with

decisions as (
    select
        *,
        row_number() over (
            partition by subject_hash, recorded_at
            order by loaded_at desc, source_file desc, source_row desc
        ) as version_rank
    from {{ ref('int_consents_landed') }}
    where
        subject_hash in (
            select refusers.subject_hash
            from {{ ref('int_consents_landed') }} as refusers
            where not refusers.consent_analytics
        )
),

periods as (
    select
        subject_hash,
        recorded_at as refused_from,
        coalesce(
            lead(recorded_at) over (partition by subject_hash order by recorded_at),
            cast('9999-12-31' as timestamp)
        ) as refused_to,
        consent_analytics
    from decisions
    where version_rank = 1 and consent_analytics is not null
)

select
    subject_hash,
    refused_from,
    refused_to
from periods
where not consent_analytics
