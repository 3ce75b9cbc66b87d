-- A unit is what was randomized, as the exposures name it. It is not merged into persons: who a
-- visitor is often shows only at a purchase, and that is what the experiment may change. Who had
-- refused analytics at an exposure is no unit: what he did after it is not known.

with

experiments as (
    select distinct
        experiment_id,
        started_at,
        ended_at,
        as_of_at
    from {{ ref('int_experiment_variants') }}
),

-- Hashed before the join: in its condition the hash would be made for every pair.
exposures as (
    select
        experiment_id,
        unit_id,
        variant,
        exposed_at,
        {{ keyed_hash('unit_id') }} as subject_hash
    from {{ ref('stg_web__experiment_exposures') }}
    where rejection_reason is null
),

units as (
    select
        exposures.experiment_id,
        exposures.unit_id,
        min(exposures.variant) as variant,
        min(exposures.exposed_at) as exposed_at,
        min(exposures.variant) <> max(exposures.variant) as is_mixed,
        max(experiments.ended_at) as ended_at,
        max(experiments.as_of_at) as as_of_at
    from exposures
        inner join experiments
            on exposures.experiment_id = experiments.experiment_id
        left join {{ ref('int_consents_refused') }} as refusals
            on
                exposures.subject_hash = refusals.subject_hash
                and exposures.exposed_at >= refusals.refused_from
                and exposures.exposed_at < refusals.refused_to
    where
        refusals.subject_hash is null
        and (experiments.started_at is null or exposures.exposed_at >= experiments.started_at)
        and (experiments.ended_at is null or exposures.exposed_at < experiments.ended_at)
        and (experiments.as_of_at is null or exposures.exposed_at <= experiments.as_of_at)
    group by exposures.experiment_id, exposures.unit_id
),

robots as (
    select visitor_id
    from {{ ref('int_sessions_summarized') }}
    group by visitor_id
    having bool_and(is_bot)
)

select
    units.*,
    robots.visitor_id is not null as is_bot
from units
    left join robots
        on units.unit_id = robots.visitor_id
