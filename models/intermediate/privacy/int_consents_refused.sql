-- By hash, so that nobody is named who did not agree to it. The last decision at a time counts; of
-- several at one moment the one that was landed last.

with

decisions as (
    select *
    from (
        {{ latest_rows('stg_web__consents', ['subject_hash', 'recorded_at']) }}
    ) as versions
    where consent_analytics is not null
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
)

select
    subject_hash,
    refused_from,
    refused_to
from periods
where not consent_analytics
